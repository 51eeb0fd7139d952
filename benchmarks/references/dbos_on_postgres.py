"""The order as a DBOS workflow on PostgreSQL: durable execution without a server of its own.

    python -m benchmarks.references.dbos_on_postgres PORT

It answers when DBOS has stored the start. PostgreSQL is a child process with durable settings. DBOS
runs with its defaults, except for one connection per order that is posted at once. Neither
connects to another machine: DBOS calls its cloud only if it has a key.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from dbos import DBOS, SetWorkflowID

from benchmarks.references.front_door import serve
from benchmarks.references.postgres import postgres
from benchmarks.rig.steps import (
    WAIT_SECONDS,
    Providers,
    charge_request,
    confirmation,
    reservation_request,
    shipment_request,
)
from config import load_settings
from models import (
    Charge,
    ChargeRequest,
    Mail,
    MailReceipt,
    Order,
    Reservation,
    ReservationRequest,
    Shipment,
    ShipmentRequest,
)

CONNECTIONS = 50


def durable_order(providers: Providers) -> Callable[[Order], Coroutine[Any, Any, str]]:
    """Register the workflow and its steps; return the workflow, which returns the shipment's id."""

    @DBOS.step()
    async def charge(request: ChargeRequest) -> Charge:
        return await providers.payments.charge(request)

    @DBOS.step()
    async def reserve(request: ReservationRequest) -> Reservation:
        return await providers.inventory.reserve(request)

    @DBOS.step()
    async def ship(request: ShipmentRequest) -> Shipment:
        return await providers.shipping.schedule(request)

    @DBOS.step()
    async def confirm(mail: Mail) -> MailReceipt:
        return await providers.mail.send(mail)

    @DBOS.workflow()
    async def run(order: Order) -> str:
        key = _workflow_id(order)
        await charge(charge_request(order, key))
        reserved = await reserve(reservation_request(order, key))
        await DBOS.sleep_async(WAIT_SECONDS)
        shipped = await ship(shipment_request(order, key, reserved.reservation_id))
        await confirm(confirmation(order, key, shipped.shipment_id))
        return shipped.shipment_id

    return run


def _workflow_id(order: Order) -> str:
    return f"order-{order.order_id}"


async def _serve(port: int, database_url: str) -> None:
    providers = Providers(load_settings())
    DBOS(
        config={
            "name": "benchmark",
            "system_database_url": database_url,
            "sys_db_pool_size": CONNECTIONS,
            "log_level": "WARNING",
            "enable_otlp": False,
        }
    )
    run = durable_order(providers)
    DBOS.launch()

    async def take(order: Order) -> None:
        with SetWorkflowID(_workflow_id(order)):
            await DBOS.start_workflow_async(run, order)

    try:
        await serve(port, take)
    finally:
        DBOS.destroy()
        await providers.api.close()


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description="Run orders as DBOS workflows.")
    parser.add_argument("port", type=int)
    args = parser.parse_args()
    # PostgreSQL loosens the mode of the folders above its data, so it gets a folder of its own.
    with (
        tempfile.TemporaryDirectory(prefix="dbos-") as folder,
        postgres(Path(folder)) as database_url,
    ):
        asyncio.run(_serve(args.port, database_url))


if __name__ == "__main__":
    main()
