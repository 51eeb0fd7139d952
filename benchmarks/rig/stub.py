"""A stub of the providers: it answers every call with success, and records key and time.

    python -m benchmarks.rig.stub PORT [--answer-after SECONDS]

The sandbox's own API keeps a durable ledger, which would cost more than the engines that are
compared. The stub costs a third of a millisecond per call, the same for every side. Times are in
seconds of the machine's monotonic clock, which all processes share.
"""

import argparse
import asyncio
import time
from collections import defaultdict

from aiohttp import web

IDS = {
    "/charges": "transaction_id",
    "/reservations": "reservation_id",
    "/shipments": "shipment_id",
    "/mails": "message_id",
}
"""The name of the id in each call's answer, in the order of the steps."""


class Stub:
    """Answers the calls of orders, and reports which call came when."""

    def __init__(self, answer_after: float) -> None:
        self._answer_after = answer_after
        self._calls: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        self._answered: dict[str, float] = {}
        self._changed = asyncio.Condition()

    def routes(self) -> list[web.RouteDef]:
        """Return all routes."""
        return [
            *(web.post(path, self.call) for path in IDS),
            *(web.get(path, self.nothing_yet) for path in IDS),
            web.get("/calls", self.calls),
            web.get("/answered", self.answered),
        ]

    async def call(self, request: web.Request) -> web.Response:
        """Answer a step's call with the request's content and an id."""
        key = request.headers["Idempotency-Key"]
        self._calls[request.path][key].append(time.monotonic())
        body = await request.json()
        body.pop("payment_token", None)
        if self._answer_after:
            await asyncio.sleep(self._answer_after)
        if request.path == "/mails":
            self._answered[key] = time.monotonic()
            async with self._changed:
                self._changed.notify_all()
        return web.json_response(
            {**body, "idempotency_key": key, IDS[request.path]: f"{IDS[request.path]}-{key}"}
        )

    async def nothing_yet(self, _: web.Request) -> web.Response:
        """Answer the look-up that comes before an effect: no order is run twice here."""
        return web.json_response({"data": []})

    async def calls(self, request: web.Request) -> web.Response:
        """Answer with the times of all calls of orders named ``prefix...``, by path and key."""
        prefix = request.query.get("prefix", "")
        return web.json_response(
            {
                path: {key: times for key, times in calls.items() if key.startswith(prefix)}
                for path, calls in self._calls.items()
            }
        )

    async def answered(self, request: web.Request) -> web.Response:
        """Wait until ``count`` orders named ``prefix...`` are done; answer with their times."""
        prefix, count = request.query["prefix"], int(request.query["count"])

        def done() -> bool:
            return sum(key.startswith(prefix) for key in self._answered) >= count

        async with self._changed:
            await self._changed.wait_for(done)
        return web.json_response(
            {key: at for key, at in self._answered.items() if key.startswith(prefix)}
        )


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="Answer the calls of the benchmarks' orders.")
    parser.add_argument("port", type=int)
    parser.add_argument("--answer-after", type=float, default=0.0, help="seconds")
    args = parser.parse_args()
    app = web.Application()
    app.add_routes(Stub(args.answer_after).routes())
    web.run_app(app, host="127.0.0.1", port=args.port, access_log=None, print=None)


if __name__ == "__main__":
    main()
