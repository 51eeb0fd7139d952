"""The parts of every contract: ids, names and addresses with their validation."""

from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    SecretStr,
    StringConstraints,
)

_BLANKS = dict.fromkeys(map(ord, "\t\n\v\f\r\x85\u2028\u2029"), " ")
_TURNING = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""Characters that turn the direction of what is printed after them."""
_WITHOUT_WIDTH = (0x200B, 0x2060, 0xFEFF)
"""Characters that nobody sees, and behind which a formula may stand in a table. Those that join
letters stay: some scripts need them."""
_DROPPED = dict.fromkeys((*range(32), *range(127, 160), *_TURNING, *_WITHOUT_WIDTH), "")
_HALVES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
"""Halves of characters, which a PDF may name, and which no encoding can write."""
_CLEAN = {**_DROPPED, **_BLANKS, **_HALVES}


def clean_text(text: Any) -> Any:
    """Return a text without characters that nobody sees, with a blank for each break or tab in it.

    A database refuses a NUL, and an escape sequence would rewrite the screen of who looks at it.
    """
    if not isinstance(text, str) or text.isprintable():
        return text
    return text.translate(_CLEAN)


CleanText = Annotated[str, BeforeValidator(clean_text)]
"""Text from outside, such as what OCR read: control characters go when the model is built."""

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)
]
"""An id that is safe in a workflow id, a file name and a visibility query."""

UserId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
"""A user's id; short enough to leave room for a content hash in a receipt's id."""

MAX_MERCHANT_CHARACTERS = 200

MerchantName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_MERCHANT_CHARACTERS),
    BeforeValidator(clean_text),
]
"""The name of a shop, not empty."""

EmailAddress = Annotated[
    str,
    StringConstraints(
        # What can be checked without a mail server: one @, no white space or control
        # characters, a dotted domain. RFC 5321 limits an address to 254 characters.
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        max_length=254,
    ),
]
"""An e-mail address without a display name."""

ShortText = Annotated[str, StringConstraints(max_length=500), BeforeValidator(clean_text)]
"""A name or a reason that a person wrote, at most 500 characters."""

ENCRYPTED_PREFIX = "encrypted:"
"""How a payment token begins that is still encrypted: the key to it is missing, or it is of another
run."""

PSEUDONYM_PREFIX = "hidden:"
"""How a search attribute begins that stands for a name; no id may hold a colon."""

KEY_IS_MISSING = (
    "the payment token was encrypted under a key that is not in TOKEN_ENCRYPTION_KEYS (add that "
    "key behind the new one), or was copied from another run"
)

AnswerText = Annotated[
    str, StringConstraints(min_length=1, max_length=255), BeforeValidator(clean_text)
]
"""An id or another short text in a provider's answer, which error messages may repeat."""


MAX_LISTED = 1000
MAX_IN_LEDGER = 2_000_000

_Part = TypeVar("_Part")

AnswerList = Annotated[tuple[_Part, ...], FailFast(), Field(max_length=MAX_LISTED)]
"""A list in a provider's answer. Reading it ends with the first part that is wrong: of a megabyte
of empty objects all the errors would take seconds, and gigabytes."""

Ledger = Annotated[tuple[_Part, ...], FailFast(), Field(max_length=MAX_IN_LEDGER)]
"""A whole ledger in one answer, read alike."""


class Model(BaseModel):
    """Base of every contract: immutable; validation errors do not repeat the value."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def is_pseudonym(value: str) -> bool:
    """Tell whether a search attribute stands for a name."""
    return value.startswith(PSEUDONYM_PREFIX)


def is_encrypted(token: SecretStr) -> bool:
    """Tell whether a payment token could not be decrypted on its way here."""
    return token.get_secret_value().startswith(ENCRYPTED_PREFIX)
