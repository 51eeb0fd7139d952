"""Bodies: as they are spelt; and those that are read here, with a limit and as they come."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, PrivateAttr, model_validator
from pydantic.alias_generators import to_camel

from service.errors import BadInput
from service.spelling import Spelling
from web.problems import Problem


class PostedBody(BaseModel):
    """Base of the bodies that the framework reads: fields in camelCase, or as ours are spelt."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, validate_by_name=True)

    _spelling: Spelling = PrivateAttr(default_factory=Spelling)

    @model_validator(mode="wrap")
    @classmethod
    def _as_posted(cls, posted: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        body = read(posted)
        body._spelling = Spelling(posted)
        return body

    def spelt(self, name: str) -> str:
        """Return the name of a field as the body spells its fields."""
        return self._spelling.name(name, self._spelling.document)


async def read_body(request: Request, most: int) -> bytes:
    """Return the whole body; raise Problem 413 if it has more than ``most`` bytes."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body has more than {most} bytes, which is as much as is taken here",
                {"Connection": "close"},
            )
        parts.append(part)
    return b"".join(parts)


async def lines_of(request: Request, longest: int) -> AsyncIterator[tuple[int, bytes | BadInput]]:
    """Yield each line that is not blank, with its number from 1, however large the body is.

    A line of more than ``longest`` bytes is passed over; BadInput stands for it.
    """
    number, left, is_too_long = 1, b"", False
    async for part in request.stream():
        *whole, left = (left + part).split(b"\n")
        for line in whole:
            if is_too_long or len(line) > longest:
                yield number, _too_long(number, longest)
            elif line.strip():
                yield number, line
            number, is_too_long = number + 1, False
        if len(left) > longest:
            left, is_too_long = b"", True
    if is_too_long:
        yield number, _too_long(number, longest)
    elif left.strip():
        yield number, left


def _too_long(number: int, longest: int) -> BadInput:
    return BadInput(f"line {number} has more than {longest} bytes: that is no order")
