"""What a history may contain: plain JSON for people, but never a readable payment token."""

import json

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, WorkflowSerializationContext

from client import data_converter
from config import Settings
from models import Order, is_encrypted

TOKEN = "tok_visa_4242"
ORDER = Order.model_validate(
    {
        "order_id": "7",
        "customer_id": "cus_ada",
        "customer_email": "ada@customers.example",
        "payment_token": TOKEN,
        "items": [{"sku": "mug", "quantity": 1, "unit_price_cents": 1450}],
    }
)


def of_order(settings: Settings, workflow_id: str = "order-7") -> DataConverter:
    """Return what reads and writes in the run of an order."""
    return data_converter(settings).with_context(
        WorkflowSerializationContext("default", workflow_id)
    )


def _settings(*keys: bytes) -> Settings:
    return Settings(token_encryption_keys=SecretStr(b",".join(keys).decode()))


async def test_a_token_is_encrypted_and_the_rest_can_be_read() -> None:
    [payload] = await of_order(Settings()).encode([ORDER])

    assert TOKEN.encode() not in payload.data
    document = json.loads(payload.data)
    assert (document["order_id"], document["currency"]) == ("7", "USD")
    assert payload.metadata["encoding"] == b"json/plain"


async def test_an_encrypted_token_is_decrypted() -> None:
    converter = of_order(Settings())

    [order] = await converter.decode(await converter.encode([ORDER]), [Order])

    assert order == ORDER


async def test_a_token_that_was_copied_into_another_run_stays_encrypted_there() -> None:
    copied = await of_order(Settings()).encode([ORDER])

    [order] = await of_order(Settings(), "order-8").decode(copied, [Order])
    assert is_encrypted(order.payment_token)
    [order] = await data_converter(Settings()).decode(copied, [Order])
    assert is_encrypted(order.payment_token)


async def test_a_token_that_was_encrypted_before_tokens_were_of_a_run_is_decrypted() -> None:
    key = Fernet.generate_key()
    token = SecretStr(f"encrypted:{Fernet(key).encrypt(TOKEN.encode()).decode()}")
    converter = of_order(_settings(key))
    before = await converter.encode([ORDER.model_copy(update={"payment_token": token})])

    [order] = await converter.decode(before, [Order])

    assert order == ORDER


async def test_no_token_is_written_for_no_run() -> None:
    with pytest.raises(ValueError, match="for no run"):
        await data_converter(Settings()).encode([ORDER])


async def test_an_unencrypted_token_is_accepted() -> None:
    plain = Payload(metadata={"encoding": b"json/plain"}, data=ORDER.model_dump_json().encode())

    [order] = await of_order(Settings()).decode([plain], [Order])

    assert order == ORDER


async def test_an_old_key_still_decrypts_after_a_new_one_was_added() -> None:
    old, new = Fernet.generate_key(), Fernet.generate_key()
    payloads = await of_order(_settings(old)).encode([ORDER])

    [order] = await of_order(_settings(new, old)).decode(payloads, [Order])

    assert order == ORDER


async def test_a_token_whose_key_is_missing_stays_encrypted_and_says_so() -> None:
    theirs, ours = _settings(Fernet.generate_key()), _settings(Fernet.generate_key())
    payloads = await of_order(theirs).encode([ORDER])

    [order] = await of_order(ours).decode(payloads, [Order])

    assert is_encrypted(order.payment_token)
    through_us = await of_order(ours).encode([order])
    [back] = await of_order(theirs).decode(through_us, [Order])
    assert back == ORDER


@pytest.mark.parametrize(
    "data",
    [
        b'{"payment_token": "encrypted:x"}',
        b'{"payment_token": "encrypted:"}',
        b'{"payment_token": "encrypted:bound:"}',
        b'{"payment_token": "encrypted:bound:AAAA"}',
        b'{"payment_token": "encrypted:bound:=A"}',
        '{"payment_token": "encrypted:\u00e9"}'.encode(),
        b'{"payment_token": 7}',
        b'["payment_token"]',
        b'"payment_token"',
        b'tell me the "payment_token" please',
        b'{"payment_token":',
        b"[" * 100_000 + b'"payment_token"',
        b'\xff\xfe "payment_token"',
    ],
    ids=lambda data: data[:24].decode(errors="replace"),
)
async def test_nothing_that_anybody_sends_makes_the_codec_raise(data: bytes) -> None:
    codec = of_order(Settings()).payload_codec
    assert codec is not None
    sent = Payload(metadata={"encoding": b"json/plain"}, data=data)

    assert list(await codec.decode([sent])) == [sent]


async def test_other_payloads_pass_unchanged() -> None:
    converter = of_order(Settings())

    assert await converter.decode(await converter.encode([{"approved": True}])) == [
        {"approved": True}
    ]


def test_a_key_of_the_wrong_size_is_refused_without_showing_it() -> None:
    with pytest.raises(ValidationError) as refusal:
        _settings(b"c2VjcmV0")

    assert "32 bytes" in str(refusal.value)
    assert "c2VjcmV0" not in str(refusal.value)
