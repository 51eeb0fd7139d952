"""What every contract is made of: ids, addresses and amounts that check themselves."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Identifier = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)
]
"""An id that is safe in a workflow id, a file name and a visibility query."""

UserId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=40)]
"""A user; short enough to leave room for a content hash in a receipt's id."""

MerchantName = Annotated[str, StringConstraints(min_length=1, max_length=200)]

EmailAddress = Annotated[
    str,
    StringConstraints(
        # What can be known without asking a mail server: one @, no white space or control
        # characters, a dotted domain. RFC 5321 limits an address to 254 characters.
        pattern=r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        max_length=254,
    ),
]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
"""ISO 4217, such as USD."""

ShortText = Annotated[str, StringConstraints(max_length=500)]
AnswerText = Annotated[str, StringConstraints(min_length=1, max_length=255)]
"""An id or another short text of a provider's answer, which error messages may repeat."""

Cents = Annotated[int, Field(ge=0, le=99_999_999_999)]


class Model(BaseModel):
    """Base of every contract: immutable, and silent about the values that fail validation."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
