"""What encrypted payloads give away, and to whom: nothing without the key, nor to another run."""

import pytest
from pydantic import SecretStr, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError

from config import Settings
from encryption.keyring import PayloadKeyMissing
from models import Approval, Order
from tests.encryption.keys import NEW, OLD, converter_with
from tests.support.pipelines import small_order

OF_ORDER = WorkflowSerializationContext("shop", "order-o1")


def converter(*keys: str, of: WorkflowSerializationContext | None = OF_ORDER) -> DataConverter:
    """Return what reads and writes in the run of an order, with these keys."""
    whole = converter_with(*keys)
    return whole.with_context(of) if of else whole


async def test_nothing_of_an_order_can_be_read_without_the_key() -> None:
    [payload] = await converter(NEW).encode([small_order()])

    written = payload.SerializeToString()
    for readable in (b"tok_visa_4242", b"customer.example", b"mug", b"json/plain", b"Order"):
        assert readable not in written
    assert payload.metadata["encryption-key-id"] == b"2026"
    assert await converter(NEW).decode([payload], [Order]) == [small_order()]


async def test_the_same_is_never_written_twice_alike() -> None:
    one, other = await converter(NEW).encode(["same", "same"])

    assert one.data != other.data


async def test_an_activity_of_the_run_reads_it_too() -> None:
    [payload] = await converter(NEW).encode(["text"])
    of_activity = ActivitySerializationContext(
        "shop", "1", "charge_payment", "pipelines", "order-o1", "OrderWorkflow", is_local=True
    )

    assert await converter(NEW).with_context(of_activity).decode([payload], [str]) == ["text"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        WorkflowSerializationContext("shop", "order-o2"),
        WorkflowSerializationContext("shop", "order-o1-2"),
        WorkflowSerializationContext("shop", "order-o"),
        WorkflowSerializationContext("other", "order-o1"),
        None,
    ],
    ids=str,
)
async def test_what_was_copied_into_another_run_is_not_decrypted_there(
    elsewhere: WorkflowSerializationContext | None,
) -> None:
    payloads = await converter(NEW).encode([small_order()])

    assert await converter(NEW, of=elsewhere).decode(payloads) == payloads


@pytest.mark.parametrize("name", ["encryption-workflow-id", "encryption-namespace"])
async def test_the_run_beside_it_cannot_be_changed(name: str) -> None:
    [payload] = await converter(NEW).encode([small_order()])
    payload.metadata[name] = b"another"
    there = WorkflowSerializationContext(
        payload.metadata["encryption-namespace"].decode(),
        payload.metadata["encryption-workflow-id"].decode(),
    )

    assert await converter(NEW, of=there).decode([payload]) == [payload]


@pytest.mark.parametrize(
    "forged",
    [
        Payload(metadata={"encoding": b"binary/encrypted", "encryption-key-id": b"2026"}),
        Payload(
            metadata={
                "encoding": b"binary/encrypted",
                "encryption-key-id": b"2026",
                "encryption-namespace": b"shop",
                "encryption-workflow-id": b"order-o1",
            },
            data=b"x" * 40,
        ),
        Payload(
            metadata={
                "encoding": b"binary/encrypted",
                "encryption-key-id": b"2026",
                "encryption-namespace": b"shop",
                "encryption-workflow-id": b"order-o1",
            },
        ),
        Payload(metadata={"encoding": b"binary/encrypted", "encryption-workflow-id": b"\xff"}),
    ],
    ids=["no run", "no ciphertext", "nothing", "no text"],
)
async def test_what_is_forged_is_no_value_and_fails_no_task(forged: Payload) -> None:
    assert await converter(NEW).decode([forged]) == [forged]


async def test_a_run_of_a_schedule_reads_what_was_encrypted_for_the_schedule() -> None:
    schedule = WorkflowSerializationContext("shop", "nightly")
    its_run = WorkflowSerializationContext("shop", "nightly-2026-01-02T03:04:05Z")
    payloads = await converter(NEW, of=schedule).encode(["text"])

    assert await converter(NEW, of=its_run).decode(payloads, [str]) == ["text"]


# --- keys -------------------------------------------------------------------------------------


async def test_each_key_decrypts_and_the_newest_encrypts() -> None:
    of_before = await converter(OLD).encode(["text"])

    assert await converter(NEW, OLD).decode(of_before, [str]) == ["text"]
    [written] = await converter(NEW, OLD).encode(["text"])
    assert written.metadata["encryption-key-id"] == b"2026"


async def test_a_key_that_is_missing_is_named() -> None:
    payloads = await converter(NEW).encode(["text"])

    with pytest.raises(PayloadKeyMissing, match="'2026', which is not in PAYLOAD_ENCRYPTION_KEYS"):
        await converter(OLD).decode(payloads, [str])


async def test_what_is_not_encrypted_passes() -> None:
    plain = await converter().encode([Approval(approved=True)])

    assert await converter(NEW).decode(plain, [Approval]) == [Approval(approved=True)]


@pytest.mark.parametrize(
    "keys",
    [
        "c2VjcmV0",
        "2026:c2VjcmV0",
        f"{NEW},{NEW}",
        f"{NEW},",
        NEW.replace("2026:", ":"),
        NEW.replace("2026:", "a b:"),
        f"{NEW}x",
    ],
)
def test_keys_that_are_none_are_refused_without_showing_them(keys: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Settings(payload_encryption_keys=SecretStr(keys))

    assert "ID:KEY, separated by commas" in str(refusal.value)
    assert "MjAyN" not in str(refusal.value)
    assert "c2VjcmV0" not in str(refusal.value)


# --- failures ---------------------------------------------------------------------------------


async def test_a_failure_says_nothing_without_the_key() -> None:
    failure = Failure()
    try:
        try:
            raise ValueError("to ada.lovelace@customer.example")
        except ValueError as cause:
            raise ApplicationError("to Ada", "her name") from cause
    except ApplicationError as error:
        await converter(NEW).encode_failure(error, failure)

    written = str(failure)
    assert all(said not in written for said in ("Ada", "lovelace", "her name", "test_payloads"))
    read = await converter(NEW).decode_failure(failure)
    assert isinstance(read, ApplicationError)
    assert (read.message, read.details) == ("to Ada", ("her name",))
    assert isinstance(read.cause, ApplicationError)
    assert read.cause.message == "to ada.lovelace@customer.example"
