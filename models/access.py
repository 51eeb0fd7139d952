"""Who is who: roles, keys, whoever is signed in, and the log of what people did."""

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, JsonValue, StringConstraints

from models.base import Model, UserId
from models.orders import DecisionChannel


class Role(StrEnum):
    """What somebody may do, from the least to the most; each includes those before it.

    ``submit``: own orders, receipts and expenses. ``approve``: decide on the orders of others.
    ``operate``: everything.
    """

    SUBMIT = "submit"
    APPROVE = "approve"
    OPERATE = "operate"

    def includes(self, other: "Role") -> bool:
        """Tell whether this role may do what the other may."""
        roles = list(Role)
        return roles.index(self) >= roles.index(other)


class Principal(Model):
    """Whoever is signed in. The name is the user id of their receipts and submits their orders."""

    name: UserId
    role: Role
    channel: DecisionChannel


KeyId = Annotated[str, StringConstraints(pattern=r"^[a-z2-7]{12}$")]
"""The part of an access key that is no secret: base32, by which its row is found."""

SecretDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 of the secret part of an access key, which has 256 random bits: no salt, no rounds."""


class AccessKey(Model):
    """An access key as it may be shown: everything but its secret. Times are in UTC."""

    id: KeyId
    name: UserId
    role: Role
    created_at: AwareDatetime
    revoked_at: AwareDatetime | None = None


class StoredAccessKey(AccessKey):
    """An access key as it is stored: the secret itself is nowhere."""

    secret_digest: SecretDigest


class Action(StrEnum):
    """What a person did, in the log of actions."""

    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    EXPEDITE = "expedite"
    CANCEL = "cancel"
    RETRY = "retry"
    CORRECT = "correct"
    DISCARD = "discard"
    EDIT_EXPENSE = "edit_expense"
    DELETE_EXPENSE = "delete_expense"
    TELL = "tell"
    ERASE = "erase"


MAX_WHO_CHARACTERS = 500
MAX_SUBJECT_CHARACTERS = 1_000
MAX_OUTCOME_CHARACTERS = 1_000


class ActionToLog(Model):
    """One row of the log of actions before it has a number; ``at`` is in UTC.

    Every action has two rows: one before anything is done, whose ``outcome`` is ``asked``, and one
    afterwards, whose ``asked_id`` is the first one's number. The second is missing if a process
    was lost in between: what was asked may have been done. ``subject`` is a workflow id or an
    expense's id; ``before`` and ``after`` are what the action changed.
    """

    at: AwareDatetime
    who: Annotated[str, StringConstraints(max_length=MAX_WHO_CHARACTERS)]
    channel: DecisionChannel
    action: Action
    subject: Annotated[str, StringConstraints(max_length=MAX_SUBJECT_CHARACTERS)]
    before: JsonValue = None
    after: JsonValue = None
    outcome: Annotated[str, StringConstraints(max_length=MAX_OUTCOME_CHARACTERS)]
    asked_id: int | None = None


class ActionLogEntry(ActionToLog):
    """One row of the log of actions; later rows have larger numbers."""

    id: int
