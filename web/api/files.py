"""Expenses as files that are sent while they are made."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from service.exports.streams import FORMATS


async def as_file(chunks: AsyncIterator[bytes], form: str) -> StreamingResponse:
    """Return the answer with a file in a format of ``FORMATS``.

    What goes wrong before its first part is raised, and answered as any error is.
    """
    first = await anext(chunks, b"")

    async def all_of_them() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    name = f'attachment; filename="{FORMATS[form].file_name}"'
    headers = {"Content-Disposition": name}
    return StreamingResponse(all_of_them(), headers=headers, media_type=FORMATS[form].media_type)
