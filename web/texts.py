"""Texts from outside: forms, and what stands in an address. What nobody can store is refused here.

Bodies in JSON are read elsewhere; their texts come through ``service.values`` too.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from service import values
from service.errors import BadInput
from web.problems import Problem

UTF_8 = ("utf-8", "utf8")


async def usable_address(request: Request) -> None:
    """Raise BadInput for an address in which a text cannot be stored, such as ``%00``."""
    for name, text in (*request.path_params.items(), *request.query_params.multi_items()):
        values.usable(name, "the name of a parameter")
        if isinstance(text, str):
            values.usable(text, name)


@asynccontextmanager
async def posted_form(request: Request, max_files: int, max_fields: int) -> AsyncIterator[FormData]:
    """Yield a form in UTF-8; its files lie on disk until the end of the block.

    Raise Problem 415 for another charset: a name of one may stand for a codec that is none for
    texts, or yields halves of characters. Raise BadInput for what is no form, has more files or
    fields, or a text that cannot be stored.
    """
    _, options = parse_options_header(request.headers.get("content-type"))
    charset = options.get(b"charset", b"utf-8").decode("latin-1").strip("\"' ").lower()
    if charset not in UTF_8:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"the charset of the form is {charset[:60]!r}: forms are taken in UTF-8 alone",
        )
    try:
        form = await request.form(max_files=max_files, max_fields=max_fields)
    except HTTPException as error:
        if error.status_code != HTTPStatus.BAD_REQUEST:  # the body is too large, or does not come
            raise
        raise BadInput(f"the form cannot be read: {error.detail}") from None
    try:
        for name, value in form.multi_items():
            values.usable(name, "the name of a field")
            text = value.filename if isinstance(value, UploadFile) else value
            values.usable(text or "", name)
        yield form
    finally:
        await form.close()
