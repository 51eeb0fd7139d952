"""When business is open: what an order waits for before it is shipped."""

from pydantic import AwareDatetime

from models.base import Model


class HoursQuestion(Model):
    """Asks for the business hours that an order waits for.

    ``now`` is the order's own time; ``not_today`` leaves out the hours of its day, as the shop's
    time zone has it.
    """

    now: AwareDatetime
    not_today: bool = False


class BusinessHours(Model):
    """The hours of one business day, in UTC: open from ``opens`` on, no longer at ``closes``."""

    opens: AwareDatetime
    closes: AwareDatetime
