"""Whether the server lives, and whether what it needs answers. Needs no key."""

from http import HTTPStatus

from fastapi import APIRouter, Request, Response

from service.calls import ask_whether_it_answers
from service.errors import ServiceError
from web.api.answers import Health
from web.backend import OpenBackend
from web.problems import RETRY_SECONDS, told

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Health)
async def healthz() -> Health:
    """Answer as long as the process does."""
    return Health(status="ok")


@router.get(
    "/readyz",
    response_model=Health,
    responses={HTTPStatus.SERVICE_UNAVAILABLE.value: {"model": Health}},
)
async def readyz(request: Request, backend: OpenBackend, response: Response) -> Health:
    """Say of Temporal and the database whether each answers; 503 if one does not."""

    async def temporal() -> None:
        await ask_whether_it_answers(await backend.client())

    parts = {}
    for name, ask in (("temporal", temporal), ("database", backend.archive.answers)):
        try:
            await ask()
        except ServiceError as error:
            parts[name] = told(error, request.url.path)
        else:
            parts[name] = "ok"
    if all(said == "ok" for said in parts.values()):
        return Health(status="ok", parts=parts)
    response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return Health(status="unavailable", parts=parts)
