"""What is found out of parts that hang, fail or tell secrets: a line each, and nothing else."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from config import Settings, SettingsError
from environment import Part
from providers.errors import ProviderRateLimited, ProviderUnavailable, Unauthorized, Unfit
from service.readiness import check
from service.readiness.check import Finding, State, check_all
from service.readiness.code import code_digest, digest_in, worker_identity
from service.readiness.roles import Role, parts_of_role

ORDERS = {Part.TOKENS, Part.RECORDS, Part.PROVIDERS, Part.MAIL}

Ask = Callable[[], Awaitable[str]]


def asking(monkeypatch: pytest.MonkeyPatch, **parts: Ask) -> None:
    """Let these be the only parts that are asked."""
    monkeypatch.setattr(check, "probes", lambda *_, **__: parts)
    monkeypatch.setattr(check, "CHECK_SECONDS", 0.2)


def raising(error: Exception) -> Ask:
    async def ask() -> str:
        raise error

    return ask


async def found(settings: Settings | None = None) -> list[Finding]:
    return await check_all(settings or Settings(), set(Part) - {Part.TEMPORAL, Part.TOKENS})


async def test_parts_that_hang_are_asked_at_the_same_time_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def hang() -> str:
        await asyncio.Event().wait()
        return "never"

    names = ("database", "bucket", "payment", "inventory", "shipping", "mail")
    asking(monkeypatch, **dict.fromkeys(names, hang))
    before = time.monotonic()

    findings = await found()

    assert [one.part for one in findings] == list(names)
    assert {(one.state, one.words) for one in findings} == {(State.AWAY, "no answer within 0.2 s")}
    assert time.monotonic() - before < 0.2 * len(names)


@pytest.mark.parametrize(
    ("error", "state", "words"),
    [
        (Unauthorized("the key is refused"), State.WRONG, "the key is refused"),
        (Unfit("it is another version's"), State.WRONG, "it is another version's"),
        (SettingsError("DATABASE_URL is no URL"), State.WRONG, "DATABASE_URL is no URL"),
        (ProviderUnavailable("no connection"), State.AWAY, "no connection"),
        (ProviderRateLimited("too many"), State.AWAY, "too many"),
        (KeyError("hidden-word"), State.AWAY, "cannot be told: unexpected KeyError"),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_comes_back_by_itself_is_told_apart(
    monkeypatch: pytest.MonkeyPatch, error: Exception, state: State, words: str
) -> None:
    asking(monkeypatch, mail=raising(error))

    assert await found() == [Finding("mail", state, words)]


async def test_no_secret_is_repeated_whoever_says_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TEMPORAL_API_KEY", "temporal-secret")
    settings = Settings(
        state_dir=tmp_path,
        smtp_password=SecretStr("mail-secret"),
        database_url="postgresql://ada:db%2Dsecret@127.0.0.1/records?password=query-secret",
    )
    told = "mail-secret, db-secret, db%2Dsecret,\nquery-secret, temporal-secret"
    asking(monkeypatch, mail=raising(Unauthorized(told)))

    (finding,) = await found(settings)

    assert finding.words == "***, ***, ***, ***, ***"


# --- roles ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "parser", "others"),
    [
        (Role.OCR, "rules", {Part.BUCKET, Part.OCR}),
        (Role.WORKFLOWS, "rules", ORDERS),
        (Role.WORKFLOWS, "vision", ORDERS | {Part.BUCKET}),
        (Role.PROVIDERS, "rules", ORDERS | {Part.PARSER, Part.BUCKET}),
        (Role.ALL, "rules", ORDERS | {Part.PARSER, Part.BUCKET, Part.OCR}),
    ],
)
def test_a_role_uses_these_parts(role: Role, parser: str, others: set[Part]) -> None:
    settings = Settings.model_validate({"receipt_parser": parser})

    assert parts_of_role(role, settings) == {Part.TEMPORAL, *others}


# --- code -------------------------------------------------------------------------------------


def test_the_code_of_a_worker_stands_in_its_identity() -> None:
    assert digest_in(worker_identity()) == code_digest()
    assert digest_in("7@host") is None


def test_other_code_has_another_digest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from service.readiness import code

    monkeypatch.setattr(code, "ROOT", tmp_path)
    monkeypatch.setattr(code, "_FILES", ("worker.py",))
    monkeypatch.setattr(code, "_ROOMS", ("workflows",))
    (tmp_path / "worker.py").write_text("begin()\n")
    (tmp_path / "workflows").mkdir()
    first = code_digest()

    (tmp_path / "workflows" / "order.py").write_text("ship()\n")
    second = code_digest()
    (tmp_path / "workflows" / "order.py").rename(tmp_path / "workflows" / "orders.py")

    assert len({first, second, code_digest()}) == 3
