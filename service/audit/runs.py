"""The runs that Temporal knows, written into a workbook page by page.

They are listed before the ledgers are read, so that whatever a closed run did is in them, and once
more afterwards: what began meanwhile must not look like an effect without a run.
"""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from models import OrderResult, OrderStatus, ReceiptResult
from service.audit.books import OrderRun, ReceiptRun
from service.audit.mails import mail_run, own_mails, run_of_mail
from service.audit.workbook import Row, Sheet, Workbook
from service.orders.ended import STATUSES
from service.runs.ends import is_foreign, runs_that_count
from service.runs.executions import COMPLETED, PAGE_SIZE, Execution, page_of_executions
from workflows.identity import mail_workflow_id
from workflows.mail.workflow import MailWorkflow
from workflows.order.workflow import OrderWorkflow
from workflows.receipt.workflow import ReceiptWorkflow
from workflows.search_attributes import TOTAL_CENTS

AT_ONCE = 16
"""Results that are fetched at a time."""

LISTED_LATE = dt.timedelta(minutes=1)
"""How long after its start a run may first appear in a list; it takes the server a second."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Listed:
    """A run as Temporal listed it: what an audit needs of an ``Execution``."""

    workflow_id: str
    run_id: str
    workflow_type: str
    status: str
    started_at: dt.datetime
    closed_at: dt.datetime | None
    total_cents: int | None

    @classmethod
    def of(cls, run: Execution) -> "Listed":
        """Return what is kept of a run."""
        return cls(
            run.workflow_id,
            run.run_id,
            run.workflow_type,
            run.status,
            run.started_at,
            run.closed_at,
            run.search_attributes.get(TOTAL_CENTS),
        )

    def execution(self) -> Execution:
        """Return it as a run."""
        cents = self.total_cents
        pairs = [] if cents is None else [SearchAttributePair(TOTAL_CENTS, cents)]
        return Execution(
            self.workflow_id,
            self.run_id,
            self.workflow_type,
            self.status,
            self.started_at,
            self.closed_at,
            TypedSearchAttributes(pairs),
        )


async def each(
    fetch: Callable[[Item], Coroutine[Any, Any, Answer]], items: Sequence[Item]
) -> list[Answer]:
    """Fetch a few at a time, however many there are."""
    answers: list[Answer] = []
    for first in range(0, len(items), AT_ONCE):
        answers += await asyncio.gather(*map(fetch, items[first : first + AT_ONCE]))
    return answers


class Runs:
    """Copies runs into a workbook; each method raises RPCError or TemporalGone."""

    def __init__(self, client: Client, book: Workbook) -> None:
        self._client = client
        self._book = book
        self._newest: dict[Sheet, dt.datetime] = {}

    async def copy(self) -> None:
        """Copy all runs, with the results of those that ended."""
        await self._list(Sheet.LISTED_ORDERS, OrderWorkflow.__name__)
        await self._list(Sheet.LISTED_RECEIPTS, ReceiptWorkflow.__name__)
        await self._book.sort(Sheet.LISTED_ORDERS, Sheet.LISTED_RECEIPTS)
        for part in self._book.parts(Sheet.LISTED_ORDERS):
            await self._copy_orders([self._latest(rows) for rows in part.values()])
        for part in self._book.parts(Sheet.LISTED_RECEIPTS):
            latest = [self._latest(rows) for rows in part.values()]
            await self._copy_receipts([run for run in latest if not is_foreign(run)])
        await self._copy_mails()

    async def copy_late(self) -> None:
        """Copy those that have begun since they were listed, as open ones.

        A list costs the dev server half a millisecond a run: thousands are not asked for twice.
        """
        for listed, sheet, name in (
            (Sheet.LISTED_ORDERS, Sheet.ORDERS, OrderWorkflow.__name__),
            (Sheet.LISTED_RECEIPTS, Sheet.RECEIPTS, ReceiptWorkflow.__name__),
        ):
            newest = self._newest.get(listed)
            since = f" AND StartTime >= '{(newest - LISTED_LATE).isoformat()}'" if newest else ""
            async for page in self._pages(f"WorkflowType = '{name}'{since}"):
                known = self._book.keys(listed, [run.workflow_id for run in page])
                late = [run for run in page if run.run_id not in known]
                self._book.add(sheet, [(run.workflow_id, "late", "", None) for run in late])

    async def _pages(self, query: str) -> AsyncIterator[list[Execution]]:
        token = b""
        while True:
            page, token = await page_of_executions(self._client, query, PAGE_SIZE, token)
            yield page
            if not token:
                return

    async def _list(self, sheet: Sheet, workflow_type: str) -> None:
        async for page in self._pages(f"WorkflowType = '{workflow_type}'"):
            rows: Iterable[Row] = (
                (run.workflow_id, "run", run.run_id, Listed.of(run)) for run in page
            )
            self._book.add(sheet, rows)
            if page:
                newest = max(run.started_at for run in page)
                self._newest[sheet] = max(newest, self._newest.get(sheet, newest))

    def _latest(self, rows: Sequence[Any]) -> Execution:
        runs: list[Listed] = [self._book.read(row["value"], Listed) for row in rows]
        return max(runs, key=lambda run: run.started_at).execution()

    async def _copy_orders(self, latest: Sequence[Execution]) -> None:
        counting = [run for run in await runs_that_count(self._client, latest) if run is not None]
        runs = await each(partial(_order_run, self._client), counting)
        results = [run.result for run in runs if run.result is not None]
        add = self._book.add
        add(Sheet.ORDERS, [(run.workflow_id, "listed", "", None) for run in latest])
        add(Sheet.ORDERS, [(run.workflow_id, "counts", "", Listed.of(run)) for run in counting])
        add(Sheet.ORDERS, [(run.workflow_id, "run", "", run) for run in runs])
        add(Sheet.ORDERS, [(run.workflow_id, "ended", "", None) for run in runs if run.result])
        self._add_mails(*own_mails(results, ()))

    async def _copy_receipts(self, latest: Sequence[Execution]) -> None:
        found = await runs_that_count(self._client, latest)
        counting = [end or run for run, end in zip(latest, found, strict=True)]
        runs = await each(partial(_receipt_run, self._client), counting)
        add = self._book.add
        add(Sheet.RECEIPTS, [(run.workflow_id, "run", "", run) for run in runs])
        add(Sheet.RECEIPTS, [(run.workflow_id, "ended", "", None) for run in runs if run.result])
        pictures = ((run.workflow_id.rpartition("-")[2], "receipt", "", None) for run in runs)
        add(Sheet.PICTURES, pictures)
        self._add_mails(*own_mails((), [run.result for run in runs if run.result is not None]))

    def _add_mails(self, told: Iterable[str], untold: Iterable[str]) -> None:
        self._book.add(Sheet.TOLD, ((key, "told", "", None) for key in told))
        self._book.add(
            Sheet.UNTOLD, ((mail_workflow_id(key), "untold", "", None) for key in untold)
        )

    async def _copy_mails(self) -> None:
        """Copy the run that counts of each mail that its run could not send.

        One that was started with nonsense did nothing, and is nobody's mail. Those that the runs
        should have handed over are asked for by their id: a list may lag behind.
        """
        await self._list(Sheet.LISTED_MAILS, MailWorkflow.__name__)
        await self._book.sort(Sheet.LISTED_MAILS, Sheet.MAILS, Sheet.UNTOLD)
        for part in self._book.parts(Sheet.LISTED_MAILS):
            latest = [self._latest(rows) for rows in part.values()]
            named = [run for run in latest if not is_foreign(run)]
            await self._add_mail_runs(await runs_that_count(self._client, named))
        for part in self._book.parts(Sheet.UNTOLD):
            missing = sorted(part.keys() - self._book.among(Sheet.MAILS, part.keys()))
            await self._add_mail_runs(await each(partial(run_of_mail, self._client), missing))

    async def _add_mail_runs(self, found: Iterable[Execution | None]) -> None:
        runs = await each(partial(mail_run, self._client), [run for run in found if run])
        self._book.add(Sheet.MAILS, [(run.workflow_id, "run", "", run) for run in runs])


async def _order_run(client: Client, run: Execution) -> OrderRun:
    cents = run.search_attributes.get(TOTAL_CENTS)
    if run.is_open:
        return OrderRun(run.workflow_id, None, cents)
    if run.status != COMPLETED:
        status = STATUSES.get(run.status, OrderStatus.FAILED)
        return OrderRun(run.workflow_id, status, cents, run_id=run.run_id)
    result = await _result(client, run, OrderResult)
    return OrderRun(
        run.workflow_id,
        result.status,
        result.total_cents,
        result,
        run.run_id,
        try_number=result.try_number,
    )


async def _receipt_run(client: Client, run: Execution) -> ReceiptRun:
    if run.status != COMPLETED:
        return ReceiptRun(run.workflow_id, run.is_open)
    return ReceiptRun(run.workflow_id, run.is_open, await _result(client, run, ReceiptResult))


async def _result(client: Client, run: Execution, result_type: type[Answer]) -> Answer:
    handle = client.get_workflow_handle(run.workflow_id, run_id=run.run_id, result_type=result_type)
    result: Answer = await handle.result()
    return result
