"""Only totals: what a fare or a price is called where no row is called a total.

A taxi's receipt has ``Fahrpreis`` and no ``Summe``. Beside a total, the same words name a part.
"""

import re
from dataclasses import replace

from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.vocabulary import Role

_PRICES = re.compile(
    r"^(FAHRPREIS|FAHRGELD|BEFOERDERUNGSENTGELT|KAUFPREIS|VERKAUFSPREIS|PARKGEBUEHR|PARKENTGELT"
    r"|(TAXI |METERED |METER |TRIP |RIDE )?FARE|FARE PAID|(PURCHASE|SALE|SELLING) PRICE|SOLD FOR"
    r"|PARKING (FEE|CHARGE)|PRIX (DE LA )?COURSE|PRIX DE VENTE|PRIX NET|PRECIO|PRECIO FINAL"
    r"|TARIFFA|PREZZO|PREZZO CORSA|RITPRIJS|KOOPPRIJS|VERKOOPPRIJS|KOEPESUM|KJOEPESUM|KOEPESUMMA"
    r"|KAUPPAHINTA|NALEZNOSC|CENA PRZEJAZDU|CENA|JIZDNE|VITELDIJ|PRECO|UECRET|UCRET)"
    r"( [A-Z]{2,3})?$"
)
_SAID = frozenset({Role.TOTAL, Role.GRAND_TOTAL, Role.SUBTOTAL})


def with_only_totals(entries: list[Entry]) -> list[Entry]:
    """Return the entries, the only fare or price as the total if nothing else is called one."""
    priced = [entry for entry in entries if entry.role is Role.NONE and _PRICES.search(entry.label)]
    if len(priced) != 1 or any(entry.role in _SAID for entry in entries):
        return entries
    return [replace(entry, role=Role.TOTAL) if entry is priced[0] else entry for entry in entries]
