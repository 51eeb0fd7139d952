"""What is erased of a person, and what is left in their place."""

from models.base import Identifier, Model

ERASED = "erased"
"""Stands where the person was named."""

ERASED_EMAIL = "erased@erased.invalid"
"""Stands where their address was: RFC 2606 keeps ``.invalid`` from ever being reached."""


class PersonalRecords(Model):
    """What the database has of a person: counts of rows, and the objects of their receipts.

    ``shared_objects`` are those of ``objects`` that are also a receipt of somebody else.
    """

    user_id: Identifier
    expenses: int
    orders: int
    submitted_orders: int
    actions: int
    access_keys: int
    objects: tuple[str, ...] = ()
    shared_objects: tuple[str, ...] = ()
