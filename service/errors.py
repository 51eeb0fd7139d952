"""What can go wrong with a request, so that every door can say it in its own way.

The message is one sentence for a person: what is wrong, with which value, what would be right.
What to do about it differs from door to door; a terminal finds its advice by the class.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MAX_FAULTS_SAID = 5
"""Faults of one document that its message says; a program gets all of them."""


class ServiceError(Exception):
    """Base of everything that the service layer raises on purpose."""

    without_address: str | None = None
    """What is said instead to whoever need not know where our servers are; None: the message."""

    def for_callers(self) -> str:
        """Return what somebody is told who calls from outside."""
        return self.without_address or str(self)


class BadInput(ServiceError):
    """What was given cannot be used, whatever else is true."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a document.

    ``path`` is where, as names and places from 0, and empty for the document itself; ``message``
    is a sentence that names it.
    """

    path: tuple[str | int, ...]
    message: str


class WrongFields(BadInput):
    """A document of which some fields are wrong; the message says the first of the faults."""

    def __init__(self, message: str, faults: Sequence[Fault]) -> None:
        said = [fault.message for fault in faults[:MAX_FAULTS_SAID]]
        if (more := len(faults) - MAX_FAULTS_SAID) > 0:
            said.append(f"and {more} more")
        super().__init__(f"{message}: {'; '.join(said)}")
        self.faults = tuple(faults)


class AnotherDatabase(BadInput):
    """DATABASE_URL names a database that the runs did not write to."""


class NotKnown(ServiceError):
    """What somebody shows to say who they are does not count."""


class NotAdmitted(ServiceError):
    """It is known who they are, and they may do nothing here."""


class NotFound(ServiceError):
    """There is no such run, receipt or order."""


class RunNotFound(NotFound):
    """There is no run of this id; ``latest_run_id`` is one of another type, if that is all."""

    def __init__(self, message: str, latest_run_id: str | None = None) -> None:
        super().__init__(message)
        self.latest_run_id = latest_run_id


class Refused(ServiceError):
    """It exists, but this cannot be done with it now; often the run itself says so."""


class Ambiguous(Refused):
    """The id names several runs: one is its workflow id, of another it is the order's id."""

    def __init__(self, message: str, workflow_ids: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.workflow_ids = tuple(workflow_ids)

    @classmethod
    def of(cls, run_id: str, workflow_ids: Sequence[str]) -> "Ambiguous":
        """Return the error that names what an id may mean."""
        return cls(f"{run_id!r} may mean {' or '.join(workflow_ids)}: say which", workflow_ids)


class NothingCounts(Refused):
    """All that Temporal knows of the id are runs that did nothing; the archive may know more."""


class PausedByServer(Refused):
    """The run was paused with Temporal's own pause, behind which nothing answers."""


class Unreachable(ServiceError):
    """Somebody whose answer is needed does not answer; the same may work later."""

    without_address: str | None = "what is needed for this does not answer"


class Failed(ServiceError):
    """The run failed, or cannot go on because its code fails."""


class RunCodeFails(Failed):
    """The run cannot answer, because workers fail at its code."""


class TemporalGone(Unreachable):
    """Temporal went away, so that whatever else it is asked will not be answered either."""

    without_address = "Temporal does not answer"


class TemporalBusy(TemporalGone):
    """Temporal is there, but took no more calls for the ten seconds that the SDK tried."""

    without_address = "Temporal takes no more for now"


class SearchAttributeMissing(Unreachable):
    """Temporal starts no run, because its namespace was not set up for ours."""


class NoWorker(Unreachable):
    """No worker answered for a run."""

    without_address = None


class BucketUnreachable(Unreachable):
    """The object store does not answer."""

    without_address = "the object store (S3) does not answer"


class DatabaseUnreachable(Unreachable):
    """The database of the expenses does not answer."""

    without_address = "the database does not answer"

    @property
    def lacks_rights(self) -> bool:
        """Whether the database is there, and our role may not do what was asked of it."""
        return "permission denied for" in str(self)


class IssuerUnreachable(Unreachable):
    """The issuer of people's tokens does not answer."""

    without_address = None  # the issuer's host is no secret: whoever signs in there is sent to it
