"""Who calls, and what they may do and see."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer

from models import Principal, Role
from service.errors import NotFound
from web.backend import OpenBackend
from web.problems import Problem

MAX_NAME_CHARACTERS = 100

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="pipelines"'}

# Only what the OpenAPI document says of them: both are read below, in one place.
_BEARER = HTTPBearer(auto_error=False, description="An access key: Authorization: Bearer KEY")
_API_KEY = APIKeyHeader(name="X-Api-Key", auto_error=False, description="An access key")


async def caller(
    request: Request,
    backend: OpenBackend,
    _bearer: Annotated[object, Security(_BEARER)] = None,
    _api_key: Annotated[object, Security(_API_KEY)] = None,
) -> Principal:
    """Return who calls; raise Problem 401 without a key that counts, or DatabaseUnreachable."""
    key = _key_in(request)
    if key is None:
        raise Problem(HTTPStatus.UNAUTHORIZED, "an access key is needed", _CHALLENGE)
    principal = await backend.callers.principal_of(key)
    if principal is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED, "the access key is not valid, or was revoked", _CHALLENGE
        )
    return principal


def _key_in(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return request.headers.get("x-api-key") or None


Caller = Annotated[Principal, Depends(caller)]


def require(principal: Principal, role: Role) -> None:
    """Raise Problem 403 if somebody may not do what this role may."""
    if not principal.role.includes(role):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            f"the role {role} is needed, and {principal.name} has {principal.role}",
        )


def _with(role: Role) -> Callable[[Principal], Coroutine[Any, Any, Principal]]:
    async def with_role(principal: Caller) -> Principal:
        require(principal, role)
        return principal

    return with_role


Approver = Annotated[Principal, Depends(_with(Role.APPROVE))]
Operator = Annotated[Principal, Depends(_with(Role.OPERATE))]


def may_see_order(principal: Principal, submitted_by: str | None) -> bool:
    """Tell whether somebody may see an order: whoever decides on orders sees all."""
    return principal.role.includes(Role.APPROVE) or submitted_by == principal.name


def may_see_receipt(principal: Principal, user_id: str) -> bool:
    """Tell whether somebody may see a receipt, or an expense: operators see all."""
    return principal.role.includes(Role.OPERATE) or user_id == principal.name


@contextmanager
def hidden(what: str, name: str) -> Iterator[None]:
    """Turn every NotFound into the same words, whether it is not there or not to be seen."""
    try:
        yield
    except NotFound:
        raise NotFound(f"there is no {what} {name[:MAX_NAME_CHARACTERS]!r}") from None
