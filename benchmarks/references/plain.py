"""The order in an HTTP handler that stores nothing: shows what the four calls cost alone.

    python -m benchmarks.references.plain PORT

It answers after the last call. An earlier answer would acknowledge nothing: a crash a moment later
would lose an order that the caller believes is accepted.
"""

import argparse
import asyncio

from benchmarks.references.front_door import serve
from benchmarks.rig.steps import (
    WAIT_SECONDS,
    Providers,
    charge_request,
    confirmation,
    reservation_request,
    shipment_request,
)
from config import load_settings
from models import Order


async def _serve(port: int) -> None:
    providers = Providers(load_settings())

    async def take(order: Order) -> None:
        key = f"order-{order.order_id}"
        await providers.payments.charge(charge_request(order, key))
        reserved = await providers.inventory.reserve(reservation_request(order, key))
        await asyncio.sleep(WAIT_SECONDS)
        shipped = await providers.shipping.schedule(
            shipment_request(order, key, reserved.reservation_id)
        )
        await providers.mail.send(confirmation(order, key, shipped.shipment_id))

    try:
        await serve(port, take)
    finally:
        await providers.api.close()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Run orders without storing anything.")
    parser.add_argument("port", type=int)
    asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
