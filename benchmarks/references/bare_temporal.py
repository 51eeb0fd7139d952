"""The order as a minimal Temporal workflow: shows what Temporal itself costs."""

import asyncio
from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.orders import OrderActivities
    from benchmarks.rig.steps import (
        WAIT_SECONDS,
        charge_request,
        confirmation,
        reservation_request,
        shipment_request,
    )
    from models import Order

LIMIT = timedelta(seconds=30)


@workflow.defn
class BareOrder:
    """Four activities and a timer."""

    @workflow.run
    async def run(self, order: Order) -> str:
        """Run the order; return the shipment's id."""
        key = workflow.info().workflow_id
        call = workflow.execute_activity_method
        await call(
            OrderActivities.charge_payment,
            charge_request(order, key),
            start_to_close_timeout=LIMIT,
        )
        reserved = await call(
            OrderActivities.reserve_inventory,
            reservation_request(order, key),
            start_to_close_timeout=LIMIT,
        )
        await asyncio.sleep(WAIT_SECONDS)
        shipped = await call(
            OrderActivities.schedule_shipment,
            shipment_request(order, key, reserved.reservation_id),
            start_to_close_timeout=LIMIT,
        )
        await call(
            OrderActivities.send_confirmation,
            confirmation(order, key, shipped.shipment_id),
            start_to_close_timeout=LIMIT,
        )
        return shipped.shipment_id
