"""Read encrypted payloads for those who look at histories in the Temporal UI or with its command.

These send payloads as they stand in a history, without saying of which run they are.
"""

import json

from google.protobuf.json_format import MessageToJson, ParseDict, ParseError
from temporalio.api.common.v1 import Payload, Payloads

from config import Settings
from encryption.keyring import Keyring, PayloadKeyMissing
from encryption.payloads import opened
from service.errors import BadInput

MAX_PAYLOADS = 10_000
"""Of one request: more than the events of a page of the UI have."""


class PayloadReader:
    """Decrypts with the keys of the settings."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys

    @classmethod
    def of(cls, settings: Settings) -> "PayloadReader | None":
        """Return the reader; None if payloads are not encrypted."""
        keys = settings.payload_encryption_keys
        return cls(Keyring.of(keys)) if keys is not None else None

    def decoded(self, document: bytes) -> str:
        """Return a document of payloads (protobuf's JSON) with all decrypted that can be.

        What was encrypted under a key that is missing stays as it is, so that the rest of its
        history can be read. Raise BadInput.
        """
        sent = _payloads_in(document)
        decoded = Payloads(payloads=[self._decoded(payload) for payload in sent.payloads])
        return MessageToJson(decoded, indent=None)

    def _decoded(self, payload: Payload) -> Payload:
        try:
            return opened(self._keys, payload)
        except PayloadKeyMissing:
            return payload


def as_sent(document: bytes) -> str:
    """Return a document of payloads as it is: nobody says for which run it should be encrypted.

    Raise BadInput.
    """
    return MessageToJson(_payloads_in(document), indent=None)


def _payloads_in(document: bytes) -> Payloads:
    try:
        given = json.loads(document)
        if not isinstance(given, dict):
            raise ValueError("no object")
        sent = ParseDict(given, Payloads())
    except (ParseError, ValueError, RecursionError):
        raise BadInput('the body must be JSON: {"payloads": [...]}') from None
    if len(sent.payloads) > MAX_PAYLOADS:
        raise BadInput(f"{len(sent.payloads)} payloads are too many: at most {MAX_PAYLOADS}")
    return sent
