"""The board of what waits: one question for all who look, a new one once somebody did something."""

import asyncio
from typing import cast

import pytest
from temporalio.client import Client

from config import Settings
from service import waiting
from service.waiting import Waiting, WaitingBoard


class Asked:
    """Stands for Temporal: counts how often it is asked, and answers when it is let go."""

    def __init__(self) -> None:
        self.times = 0
        self.let_go = asyncio.Event()
        self.let_go.set()
        self.is_asked = asyncio.Event()

    async def __call__(self, _client: Client, _settings: Settings) -> Waiting:
        self.times += 1
        number = self.times
        self.is_asked.set()
        await self.let_go.wait()
        return Waiting(more=number)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    monkeypatch.setattr(waiting, "all_waiting", made)
    return made


@pytest.fixture
def board(asked: Asked) -> WaitingBoard:
    async def client() -> Client:
        return cast("Client", asked)

    return WaitingBoard(client, Settings())


async def test_many_who_look_ask_once(asked: Asked, board: WaitingBoard) -> None:
    seen = await asyncio.gather(*(board.look() for _ in range(20)))

    assert {one.count for one in seen} == {1}
    assert asked.times == 1


async def test_what_is_old_is_asked_for_anew(
    asked: Asked, board: WaitingBoard, monkeypatch: pytest.MonkeyPatch
) -> None:
    await board.look()
    monkeypatch.setattr(waiting, "FRESH_SECONDS", -1.0)

    assert (await board.look()).count == 2
    assert asked.times == 2


async def test_whoever_did_something_sees_it(asked: Asked, board: WaitingBoard) -> None:
    await board.look()
    board.forget()
    assert (await board.look()).count == 2

    asked.let_go.clear()
    asked.is_asked.clear()
    board.forget()
    looking = asyncio.create_task(board.look())
    await asked.is_asked.wait()
    board.forget()  # while somebody is being answered
    asked.let_go.set()

    assert (await looking).count == 3
    assert (await board.look()).count == 4
