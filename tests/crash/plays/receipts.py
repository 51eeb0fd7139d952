"""The people with a receipt: one that is read, one that waits for a correction, one refused."""

import asyncio
import re

from bootstrap import object_store
from models import Correction, ReceiptState, ReceiptStatus
from providers.errors import ProviderError
from providers.object_store import ObjectStore
from sandbox.samples import RECEIPTS
from service.errors import ServiceError
from service.receipts.start import start_receipt, stored_receipt
from tests.crash.arena import Arena
from tests.crash.cases import Case
from tests.crash.plays.play import Play
from tests.crash.proxy import Hold
from tests.crash.steps import Kind, Moment, Victim
from tests.support.drawn_receipts import drawn_tea
from tests.support.pdf_files import cafe_receipt
from workflows.identity import receipt_workflow_id
from workflows.receipt.workflow import ReceiptWorkflow

READ_CENTS = 3085
CORRECTED_CENTS = 1140


class ReceiptPlay(Play):
    """A receipt that is read, or one that waits for a correction."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        # Readers ignore what follows the end of a file, so each case has a different one.
        self.file = _file_of(case) + case.slug.encode()
        self.user_id = case.slug
        self.object_key = ""

    async def to_the_point(self) -> None:
        self.object_key = await self._put(object_store(self.arena.settings))
        receipt = stored_receipt(self.object_key, self.user_id, self.email)
        self.workflow_id = receipt_workflow_id(receipt.receipt_id)
        self._arm()
        await start_receipt(self.arena.client, receipt, self.arena.settings.task_queue)
        if self.case.step.kind is Kind.REVIEW:
            await self._until_state(ReceiptWorkflow.status, ReceiptStatus.NEEDS_REVIEW)
            if self.case.moment is Moment.BETWEEN:
                await self._correct()
        if not self.case.step.is_wait or self.case.moment is Moment.BETWEEN:
            await self._is_reached()

    def _request_on_the_wire(self) -> re.Pattern[bytes] | None:
        if self.case.step.server is not Victim.S3:
            return super()._request_on_the_wire()
        if self.case.victim is not Victim.S3:
            return None  # its effect is the text, which is read inside the worker
        return re.compile(rb"GET [^ ]*" + re.escape(self.object_key.encode()))

    async def go_on(self) -> None:
        if self.case.step.kind is Kind.REVIEW and self.case.moment is Moment.BEFORE:
            await self._correct()

    async def end(self) -> ReceiptState:
        state: ReceiptState = await self._end(ReceiptWorkflow.status)
        return state

    async def _put(self, store: ObjectStore) -> str:
        return await asyncio.to_thread(store.put_receipt, self.file)

    async def _correct(self) -> None:
        correction = Correction(total_cents=CORRECTED_CENTS, currency="EUR", corrected_by="ada")
        await self._handle().signal("correction", correction)


def _file_of(case: Case) -> bytes:
    if case.step.kind is Kind.REVIEW:
        return (RECEIPTS / "cafe-coffee-stain.jpg").read_bytes()
    # The worker stops when the engine has read; otherwise every worker would load it for nothing.
    is_stopped_there = case.step.what == "extract_text" and case.victim is not Victim.S3
    return drawn_tea(READ_CENTS) if is_stopped_there else cafe_receipt(READ_CENTS)


class FrontDoorPlay(ReceiptPlay):
    """A receipt whose submission fails; the person sees the error and submits it again."""

    def __init__(self, case: Case, arena: Arena) -> None:
        super().__init__(case, arena)
        self.workflow_id = receipt_workflow_id(case.slug)  # until the real one is known
        self._store = object_store(arena.proxied())
        self._submitting: asyncio.Task[str] | None = None
        self.refusal: Exception | None = None

    async def to_the_point(self) -> None:
        if self.case.moment is Moment.BETWEEN:
            self.object_key = await self._put(self._store)
        elif self.case.moment is Moment.EFFECT:
            self.arena.points.arm(self.point)
            request = re.compile(rb"PUT /.*" + re.escape(self.case.slug.encode()), re.DOTALL)
            proxy = self.arena.proxies[Victim.S3]
            proxy.holds.append(Hold(self.point, request))
            self._submitting = asyncio.create_task(self._put(self._store))
            await self._is_reached()

    def release(self) -> None:
        super().release()
        if self._submitting is None:
            self._submitting = asyncio.create_task(
                self._start() if self.case.moment is Moment.BETWEEN else self._put(self._store)
            )

    def is_answered_while_down(self) -> bool:
        return self._submitting is not None and self._submitting.done()

    async def go_on(self) -> None:
        try:
            await self._submitting if self._submitting else ""
        except (ProviderError, ServiceError) as refusal:
            self.refusal = refusal
        self.object_key = await self._put(self._store)
        await self._start()

    async def _start(self) -> str:
        receipt = stored_receipt(self.object_key, self.user_id, self.email)
        self.workflow_id = receipt_workflow_id(receipt.receipt_id)
        await start_receipt(self.arena.client, receipt, self.arena.settings.task_queue)
        return self.object_key
