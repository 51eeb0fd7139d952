"""Access keys: make one, list them, revoke them, and tell whose a key is.

A key is ``dpk_<id>_<secret>`` and shown once. Of its secret only the SHA-256 is stored: whoever
reads the table can sign in as nobody. No slow hash is needed, because 256 random bits cannot be
guessed.
"""

import base64
import datetime as dt
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from models import AccessKey, DecisionChannel, Principal, Role, StoredAccessKey
from providers.records import AccessKeys
from service import values
from service.access.records import recorded
from service.errors import BadInput, NotFound, Refused

PREFIX = "dpk_"
"""How every key begins, so that a secret scanner can know one where it does not belong."""

ID_CHARACTERS = 12
SECRET_BYTES = 32

_KEY = re.compile(rf"{PREFIX}([a-z2-7]{{{ID_CHARACTERS}}})_([A-Za-z0-9_-]{{43}})")


@dataclass(frozen=True)
class NewKey:
    """A key that was just made; ``text`` is what its owner signs in with, known here alone."""

    key: AccessKey
    text: SecretStr


async def add_key(keys: AccessKeys, name: str, role: Role) -> NewKey:
    """Make a key for somebody who may have others already, such as one that it replaces.

    Raise BadInput for what is no user id, DatabaseUnreachable.
    """
    name = values.user_id(name, "NAME")
    if name.startswith(PREFIX):
        raise BadInput(f"NAME must not begin with {PREFIX}: keys do")
    key_id = new_key_id()
    secret = secrets.token_urlsafe(SECRET_BYTES)
    stored = StoredAccessKey(
        id=key_id,
        name=name,
        role=role,
        secret_digest=_digest(secret),
        created_at=dt.datetime.now(dt.UTC),
    )
    await recorded(keys.add(stored))
    return NewKey(_shown(stored), SecretStr(f"{PREFIX}{key_id}_{secret}"))


async def list_keys(keys: AccessKeys) -> list[AccessKey]:
    """Return all keys, oldest first, also revoked ones; raise DatabaseUnreachable."""
    return await recorded(keys.list())


async def revoke_key(keys: AccessKeys, named: str) -> list[AccessKey]:
    """Revoke every key of a name, or one by its id or by the key itself; from now on none counts.

    Return them, also those that were revoked before. Raise NotFound if there are none, BadInput for
    what is neither, DatabaseUnreachable.
    """
    if key := _KEY.fullmatch(named):
        named = key[1]
    elif named.startswith(PREFIX):  # not repeated: it may be most of a secret
        raise BadInput(
            f"that is no whole key: give a name, or the key's id, which are the {ID_CHARACTERS} "
            f"characters behind {PREFIX}"
        )
    named = values.user_id(named, "NAME_OR_ID")
    revoked = await recorded(keys.revoke(named, dt.datetime.now(dt.UTC)))
    if not revoked:
        raise NotFound(f"there is no access key with the name or id {named!r}")
    return revoked


async def principal_of_key(
    keys: AccessKeys, text: str, channel: DecisionChannel = DecisionChannel.HTTP
) -> Principal | None:
    """Return whose key this is; None for one that is unknown, wrong or revoked.

    Asked anew for every call, so that a revoked key is worth nothing at once. Raise
    DatabaseUnreachable.
    """
    key = _KEY.fullmatch(text)
    if key is None:
        return None
    key_id, secret = key.groups()
    stored = await recorded(keys.find(key_id))
    if stored is None or stored.revoked_at is not None:
        return None
    if not hmac.compare_digest(stored.secret_digest, _digest(secret)):
        return None
    return Principal(name=stored.name, role=stored.role, channel=channel)


def key_id_in(text: str) -> str | None:
    """Return the id in a key, which is no secret; None for what is no key."""
    key = _KEY.fullmatch(text)
    return key[1] if key else None


async def principal_of_key_id(
    keys: AccessKeys, key_id: str, channel: DecisionChannel = DecisionChannel.HTTP
) -> Principal | None:
    """Return whose the key of this id is; None for one that is unknown or revoked.

    For whoever has shown the key itself before, in a session that cannot be forged. Raise
    DatabaseUnreachable.
    """
    stored = await recorded(keys.find(key_id))
    if stored is None or stored.revoked_at is not None:
        return None
    return Principal(name=stored.name, role=stored.role, channel=channel)


async def add_key_that_nobody_has(keys: AccessKeys, key_id: str, name: str, role: Role) -> None:
    """Make a key whose secret is thrown away: only a session can stand for it.

    Raise Refused if there is one of this id already, so that a link with the id in it counts once;
    DatabaseUnreachable.
    """
    if await recorded(keys.find(key_id)) is not None:
        raise Refused("this link was used before: it signs in once")
    stored = StoredAccessKey(
        id=key_id,
        name=name,
        role=role,
        secret_digest=_digest(secrets.token_urlsafe(SECRET_BYTES)),
        created_at=dt.datetime.now(dt.UTC),
    )
    await recorded(keys.add(stored))


async def end_session(keys: AccessKeys, session_id: str, lasts: dt.timedelta) -> None:
    """Let a session count no more, which would last so long; raise DatabaseUnreachable."""
    await recorded(keys.end_session(session_id, dt.datetime.now(dt.UTC), lasts))


async def has_ended(keys: AccessKeys, session_id: str) -> bool:
    """Tell whether somebody has ended a session; raise DatabaseUnreachable."""
    return await recorded(keys.has_ended(session_id))


def new_key_id() -> str:
    """Return an id that no key has."""
    return base64.b32encode(secrets.token_bytes(ID_CHARACTERS)).decode()[:ID_CHARACTERS].lower()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _shown(key: StoredAccessKey) -> AccessKey:
    return AccessKey.model_validate(key.model_dump(exclude={"secret_digest"}))
