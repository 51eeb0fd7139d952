"""How long to wait after an attempt that ended in an error, by activity.

An error calls for patience, a lost worker does not: nobody answered for it, and nothing is known
to be wrong. A retry policy has one wait for both. So the policies in ``workflows/policies.py``
try a step again at once after its worker was lost, and an attempt that ends in an error asks
for its own wait.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Waits:
    """Waits in seconds: the first, and how they grow from attempt to attempt.

    ``local_first`` says that the step's first attempt was a local activity, so that attempt 1 of
    the activity is its second.
    """

    first: float
    doubling: bool = True
    longest: float = 600.0
    local_first: bool = False

    def after(self, attempt: int, local: bool = False) -> float:
        """Give the seconds to wait after attempt 1, 2, ...: doubled each time, or linear."""
        attempt += self.local_first and not local
        # More doublings than these are beyond any longest wait, and beyond a float in the end.
        grown = self.first * (2.0 ** min(attempt - 1, 32) if self.doubling else attempt)
        return min(grown, self.longest)


WAITS_AFTER_ERRORS = {
    "extract_text": Waits(first=2),
    "parse_receipt": Waits(first=1, local_first=True),
    "save_expense": Waits(first=3, doubling=False, local_first=True),
    "notify_user": Waits(first=10),
    "charge_payment": Waits(first=10),
    "reserve_inventory": Waits(first=5, local_first=True),
    "schedule_shipment": Waits(first=10, local_first=True),
    "send_confirmation": Waits(first=10),
    "send_cancellation": Waits(first=10),
    "find_charge": Waits(first=5),
    "find_shipment": Waits(first=5),
    "release_inventory": Waits(first=5),
    "refund_payment": Waits(first=5),
}
