"""Who calls, and what they may do and see."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer as HTTPBearerModel
from fastapi.security.base import SecurityBase
from pydantic import SecretStr

from models import Principal, Role
from service.access.keys import PREFIX
from service.access.people import People
from service.errors import Ambiguous, NotFound, NotKnown, ServiceError
from service.runs.find import WorkflowId
from service.status import Standing
from web.admission.places import count_to
from web.backend import Backend, backend_of
from web.problems import Problem

MAX_NAME_CHARACTERS = 100

BEARER_WORDS = "An access key, or a token of the issuer: Authorization: Bearer KEY"

_REALM = 'Bearer realm="pipelines"'
_CHALLENGE = {"WWW-Authenticate": _REALM}
_REFUSED = {"WWW-Authenticate": f'{_REALM}, error="invalid_token"'}  # RFC 6750, section 3


class _Caller(SecurityBase):
    """Who calls, and the framework's sign that a route wants a key.

    An access key may also come as X-Api-Key, which web/document.py says. As two dependencies of
    their own, both schemes would read nothing, and cost each request a tenth of a millisecond.
    """

    model = HTTPBearerModel(description=BEARER_WORDS)
    scheme_name = "HTTPBearer"

    async def __call__(self, request: Request) -> Principal:
        """Return who calls, by an access key or by a token of the issuer.

        Raise Problem 401 without one that counts, 403 for a token without a role and 503 if they
        have their share of requests under way, or Unreachable if that cannot be told now.
        """
        principal = await _principal_of(request, backend_of(request))
        count_to(request, principal.name)
        return principal


async def still_counts(request: Request, backend: Backend) -> bool:
    """Tell whether whoever began a request would be let in again: not once a key is revoked."""
    try:
        await _principal_of(request, backend)
    except (Problem, ServiceError):
        return False
    return True


async def _principal_of(request: Request, backend: Backend) -> Principal:
    token = _bearer_in(request)
    if token is not None and backend.people is not None and _is_jwt(token):
        return await _principal_of_token(backend.people, SecretStr(token))
    key = token or request.headers.get("x-api-key")
    if not key:
        raise Problem(HTTPStatus.UNAUTHORIZED, "an access key is needed", _CHALLENGE)
    principal = await backend.callers.principal_of(key)
    if principal is None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED, "the access key is not valid, or was revoked", _CHALLENGE
        )
    return principal


async def _principal_of_token(people: People, token: SecretStr) -> Principal:
    try:
        return await people.principal_of_token(token)
    except NotKnown as error:
        raise Problem(HTTPStatus.UNAUTHORIZED, str(error), _REFUSED) from None


def _bearer_in(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _is_jwt(token: str) -> bool:
    """Tell whether a token has the three parts of a JWT, which no access key has."""
    return token.count(".") == 2 and not token.startswith(PREFIX)


caller_of = _Caller()
"""What tells who calls, for whoever is not called by the framework."""

Caller = Annotated[Principal, Depends(caller_of)]


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


def only_one(id: str, seen: list[Standing]) -> Standing:
    """Return what an id means of what may be seen; raise NotFound, or Ambiguous if that is two."""
    if not seen:
        raise NotFound(id)
    if len(seen) > 1:
        raise Ambiguous.of(id, [at.found.workflow_id for at in seen])
    return seen[0]


def exactly(at: Standing) -> WorkflowId:
    """Return the id by which what was seen is found again, and nothing else."""
    return WorkflowId(at.found.workflow_id)


@contextmanager
def hidden(what: str, name: str) -> Iterator[None]:
    """Turn every NotFound into the same words, whether it is not there or not to be seen."""
    try:
        yield
    except NotFound:
        raise NotFound(f"there is no {what} {name[:MAX_NAME_CHARACTERS]!r}") from None
