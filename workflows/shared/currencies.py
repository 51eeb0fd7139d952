"""Which currencies a run refuses: decided once for each code, and kept in its history.

ISO 4217 changes every other year, and with it what a worker of a later version knows. A run that
was refused, or went on, must not be replayed as the opposite.
"""

from temporalio import workflow

from models import is_currency, not_a_currency


class CurrencyCheck:
    """Refuses codes of no currency, in what a run is started with or sent by a signal."""

    def __init__(self) -> None:
        self._is_refused: dict[str, bool] = {}

    def refusal(self, code: str) -> str | None:
        """Return why a code is refused; None if it is not. Never call it in a query or validator.

        Only a refusal leaves a marker, so that what is common costs no event.
        """
        if code not in self._is_refused:
            is_worth_asking = workflow.unsafe.is_replaying() or not is_currency(code)
            self._is_refused[code] = is_worth_asking and workflow.patched(f"no-currency-{code}")
        return not_a_currency(code) if self._is_refused[code] else None
