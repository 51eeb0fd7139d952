"""Stock adds up, whatever is reserved, released and shipped, in any order."""

import asyncio
import json
import tempfile
from collections import Counter
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.provider_api import effects
from sandbox.provider_api.ledger import Answer, Ledger
from tests.support.provider_api_server import sandbox_api

SHELF = {"rare-vinyl": 5, "last-one": 1, "sku-out-of-stock": 0}

quantities = st.dictionaries(
    st.sampled_from([*SHELF, "nobody-knows-it"]), st.integers(1, 4), min_size=1
)
steps = st.one_of(
    st.tuples(st.just("reserve"), quantities),
    st.tuples(st.sampled_from(["release", "ship"]), st.integers(0, 5)),
)


class Warehouse:
    """What the ledger should contain, counted independently."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.held: dict[str, dict[str, int]] = {}
        self.settled: set[str] = set()
        self.shipped: Counter[str] = Counter()
        self.calls = 0

    async def apply(self, name: str, argument: dict[str, int] | int) -> None:
        if isinstance(argument, dict):
            await self.reserve(argument)
            return
        known = [*self.held, *sorted(self.settled)]
        if not known:
            return
        reservation = known[argument % len(known)]
        if name == "release":
            answer = await self.call(partial(effects.release, reservation_id=reservation))
        else:
            answer = await self.call(
                partial(effects.ship, key=self.key, order_id="o", reservation_id=reservation)
            )
        if name == "ship":
            assert (answer.status == 201) == (reservation in self.held)
        if answer.status == 201:
            self.shipped.update(self.held[reservation])
        if reservation in self.held:
            del self.held[reservation]
            self.settled.add(reservation)

    async def reserve(self, wanted: dict[str, int]) -> None:
        free = Counter(SHELF)
        free.subtract(self.shipped)
        for items in self.held.values():
            free.subtract(items)
        answer = await self.call(
            partial(effects.reserve, key=self.key, order_id="o", quantities=wanted)
        )
        assert (answer.status == 201) == all(free[sku] >= n for sku, n in wanted.items())
        if answer.status == 201:
            self.held[answer.body["reservation_id"]] = wanted

    @property
    def key(self) -> str:
        return f"key-{self.calls}"

    async def call(self, effect: partial[Answer]) -> Answer:
        answer = await self.ledger.apply(self.key, "hash", effect)
        self.calls += 1
        return answer

    def check(self) -> None:
        reserved = sum((Counter(items) for items in self.held.values()), Counter())
        for row in self.ledger.rows("stock"):
            sku = row["sku"]
            if sku in SHELF:
                assert row["reserved"] == reserved[sku]
                assert row["shipped"] == self.shipped[sku]
                assert row["available"] == SHELF[sku] - reserved[sku] - self.shipped[sku]
        listed = self.ledger.rows("reservations", status="held")
        assert {row["reservation_id"]: quantities_of(row["items"]) for row in listed} == self.held


def quantities_of(items: str) -> dict[str, int]:
    return {item["sku"]: item["quantity"] for item in json.loads(items)}


@settings(max_examples=40, deadline=None)
@given(st.lists(steps, max_size=15))
def test_stock_adds_up_after_any_calls(
    calls: list[tuple[str, dict[str, int] | int]],
) -> None:
    async def run(folder: str) -> None:
        ledger = Ledger(Path(folder) / "ledger.sqlite3")
        warehouse = Warehouse(ledger)
        for name, argument in calls:
            await warehouse.apply(name, argument)
            warehouse.check()
        await ledger.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(folder))


async def test_many_at_once_never_take_more_than_there_is(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
        answers = await asyncio.gather(
            *(
                caller.call(
                    "POST",
                    "/reservations",
                    {"order_id": f"ord-{n}", "items": [{"sku": "rare-vinyl", "quantity": 1}]},
                    f"ord-{n}:reserve",
                )
                for n in range(30)
            )
        )
        assert Counter(status for status, _, _ in answers) == {201: 5, 422: 25}
        (shelf,) = await caller.data("/stock?sku=rare-vinyl")
        assert (shelf["available"], shelf["reserved"]) == (0, 5)


async def test_two_lines_of_one_sku_count_together(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
        lines = [{"sku": "rare-vinyl", "quantity": 3}] * 2
        body = {"order_id": "ord-1", "items": lines}
        status, answer, _ = await caller.call("POST", "/reservations", body, "k")
        assert (status, answer["error"]["code"]) == (422, "out_of_stock")


async def test_a_reservation_is_settled_once(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
        body = {"order_id": "ord-1", "items": [{"sku": "rare-vinyl", "quantity": 2}]}
        _, held, _ = await caller.call("POST", "/reservations", body, "reserve")
        path = f"/reservations/{held['reservation_id']}"
        shipment = {"order_id": "ord-1", "reservation_id": held["reservation_id"]}
        _, answer, _ = await caller.call(
            "POST", "/shipments", shipment | {"order_id": "ord-2"}, "other"
        )
        assert answer["error"]["code"] == "order_mismatch"
        assert (await caller.call("DELETE", path, key="release"))[0] == 200
        assert (await caller.call("DELETE", path, key="release-again"))[0] == 200
        _, answer, _ = await caller.call("POST", "/shipments", shipment, "ship")
        assert answer["error"]["code"] == "already_released"
        (shelf,) = await caller.data("/stock?sku=rare-vinyl")
        assert (shelf["available"], shelf["reserved"], shelf["shipped"]) == (5, 0, 0)


async def test_what_is_shipped_can_be_neither_released_nor_shipped_again(tmp_path: Path) -> None:
    async with sandbox_api(tmp_path / "ledger.sqlite3") as (_, caller):
        body = {"order_id": "ord-1", "items": [{"sku": "rare-vinyl", "quantity": 2}]}
        _, held, _ = await caller.call("POST", "/reservations", body, "reserve")
        shipment = {"order_id": "ord-1", "reservation_id": held["reservation_id"]}
        assert (await caller.call("POST", "/shipments", shipment, "ship"))[0] == 201
        _, answer, _ = await caller.call("POST", "/shipments", shipment, "ship-again")
        assert answer["error"]["code"] == "already_shipped"
        path = f"/reservations/{held['reservation_id']}"
        _, answer, _ = await caller.call("DELETE", path, key="release")
        assert answer["error"]["code"] == "already_shipped"
        (shelf,) = await caller.data("/stock?sku=rare-vinyl")
        assert (shelf["available"], shelf["reserved"], shelf["shipped"]) == (3, 0, 2)
