"""The programs that post to a server which is killed meanwhile: they post the same again."""

import asyncio
from abc import abstractmethod
from http import HTTPStatus

import aiohttp

from tests.crash.plays.orders import OrderPlay
from tests.crash.plays.play import Play
from tests.crash.plays.receipts import ReceiptPlay
from tests.support.http_door import Reply
from workflows.identity import receipt_workflow_id

ACCEPTED = (HTTPStatus.OK, HTTPStatus.ACCEPTED)


class _Posting(Play):
    """Something that is posted, lost with the server, and posted again."""

    _lost: asyncio.Task[Reply]

    @property
    def at(self) -> str:
        return self.case.slug

    async def to_the_point(self) -> None:
        self._arm()
        self._lost = asyncio.create_task(self._post())
        await self._is_reached()

    def is_answered_while_down(self) -> bool:
        return self._lost.done()

    @abstractmethod
    async def _post(self) -> Reply:
        """Post it once; return what was answered."""

    async def _post_again(self) -> dict[str, str]:
        """Post until it is accepted, and once more; return what was answered."""
        try:
            raise RuntimeError(f"a dead server answered {(await self._lost).status}")
        except aiohttp.ClientError:
            again = await self._accepted()
        if (await self._accepted()).body["runId"] != again.body["runId"]:
            raise RuntimeError("the same again is another run")
        answer: dict[str, str] = again.body
        return answer

    async def _accepted(self) -> Reply:
        reply = await self._post()
        if reply.status not in ACCEPTED:
            raise RuntimeError(f"answered {reply.status}: {reply.text}")
        return reply


class PostedOrderPlay(_Posting, OrderPlay):
    """An order that a program posts."""

    async def go_on(self) -> None:
        await self._post_again()
        await self._expedite()

    async def _post(self) -> Reply:
        program = await self.arena.program()
        return await program.post(
            "/orders",
            data=self.order.model_dump_json(),
            headers={"Content-Type": "application/json"},
        )


class PostedReceiptPlay(_Posting, ReceiptPlay):
    """A receipt that a program posts."""

    async def go_on(self) -> None:
        self.workflow_id = receipt_workflow_id((await self._post_again())["receiptId"])

    async def _post(self) -> Reply:
        form = aiohttp.FormData({"userId": self.user_id, "notify": self.email})
        form.add_field("file", self.file, filename="receipt.pdf")
        return await (await self.arena.program()).post("/receipts", data=form)
