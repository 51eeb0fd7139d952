"""Mails that could not be sent: have one sent again."""

from fastapi import APIRouter
from starlette.responses import Response

from models import Role
from service import values
from service.mails.again import tell_again
from web.backend import OpenBackend
from web.callers import require
from web.desk.inbox import OpenBoard
from web.desk.signed_in.sessions import HOME
from web.desk.signed_in.viewer import SentForm, SignedIn, go_to, text_in

router = APIRouter()


@router.post("/mails/again")
async def again(
    backend: OpenBackend, board: OpenBoard, viewer: SignedIn, form: SentForm
) -> Response:
    """Send a mail now, to another address if one is given."""
    require(viewer.principal, Role.OPERATE)
    to = values.given(values.email, text_in(form, "to") or None, "the address")
    doer = backend.callers.doer_of(viewer.principal)
    await tell_again(await backend.client(), text_in(form, "mail", 1_000), to, doer)
    board.forget()
    return go_to(HOME)
