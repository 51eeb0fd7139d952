"""The rules parser: turns rows, entries and readings into a receipt's fields."""

import datetime as dt
from collections.abc import Iterator, Sequence
from statistics import fmean

from config import Settings
from models import FieldReading, ReceiptFields, ReceiptText, amount_as_text, digits_of
from providers.errors import TotalNotFound
from providers.receipt_parser.receipt_rules.asides import without_asides
from providers.receipt_parser.receipt_rules.card_slips import with_card_slips
from providers.receipt_parser.receipt_rules.currencies import find_currency
from providers.receipt_parser.receipt_rules.dates import find_date
from providers.receipt_parser.receipt_rules.dates.orders import is_day_first, is_year_first
from providers.receipt_parser.receipt_rules.details import find_details
from providers.receipt_parser.receipt_rules.details.taxes import find_tax
from providers.receipt_parser.receipt_rules.former_currencies import EURO, without_equivalents
from providers.receipt_parser.receipt_rules.mail_heads import without_mail_head
from providers.receipt_parser.receipt_rules.merchants import find_merchant
from providers.receipt_parser.receipt_rules.merchants.known import NOBODY, KnownMerchants
from providers.receipt_parser.receipt_rules.only_totals import with_only_totals
from providers.receipt_parser.receipt_rules.papers import paper_of
from providers.receipt_parser.receipt_rules.readings import Reading
from providers.receipt_parser.receipt_rules.rows import group_rows
from providers.receipt_parser.receipt_rules.totals import find_total, likely_totals
from providers.receipt_parser.receipt_rules.totals.measures import measured_amounts
from providers.receipt_parser.receipt_rules.whole_money import find_money

PARSER_NAME = "rules"
_MUST_BE_SURE = ("total", "date", "currency")
_LEGIBLE = 0.9
"""Mean confidence of OCR in its lines: 0.95 on worn receipts, less on damaged pictures."""


class RulesParser:
    """A ``ReceiptParser`` without any account: milliseconds of pure computation."""

    is_metered = False

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def parse(self, text: ReceiptText, known_merchants: Sequence[str] = ()) -> ReceiptFields:
        """Return the fields; raises TotalNotFound. See ``ReceiptParser.parse``."""
        return self.read(text, KnownMerchants(known_merchants))

    def read(self, text: ReceiptText, known: KnownMerchants = NOBODY) -> ReceiptFields:
        """Return the fields; raises TotalNotFound."""
        rows = without_mail_head(group_rows(text))
        currency = find_currency(rows, self._settings.default_currency)
        code = currency.code if currency else None
        digits = digits_of(code)
        entries = find_money(rows, code)
        if code == EURO:
            entries = without_equivalents(entries)
        entries = with_only_totals(without_asides(entries, digits))
        entries = with_card_slips(entries, rows)
        today = dt.datetime.now(dt.UTC).date()
        paper = paper_of(rows, entries)
        total = find_total(entries, code, paper, measured_amounts(rows, digits))
        tax = find_tax(entries, total.cents) if total else None
        details = find_details(
            rows, entries, digits, total.cents if total else None, tax.cents if tax else None
        )
        merchant = find_merchant(rows, known)
        day_first = is_day_first(code, self._settings)
        is_refund = paper.is_refund or paper.mentions_refund
        date = find_date(rows, today, day_first, is_year_first(code, rows), is_refund)

        found: dict[str, Reading | None] = {
            "total": total,
            "date": date,
            "merchant": merchant,
            "currency": currency,
        }
        others = (
            *(doubt for name in _MUST_BE_SURE for doubt in _doubts(name, found[name])),
            *paper.doubts,
            *_legibility_doubts(text),
        )
        about_merchant = tuple(_doubts("merchant", merchant))
        near = known.near(merchant.name) if merchant and about_merchant else ()
        may_wait = not others and merchant is not None and merchant.is_likely
        fields = ReceiptFields(
            merchant=merchant.name if merchant else None,
            total_cents=total.cents if total else None,
            currency=code,
            date=date.date if date else None,
            parser=PARSER_NAME,
            readings={
                name: FieldReading(
                    confidence=round(reading.confidence, 3), box=reading.box, page=reading.page
                )
                for name, reading in {**found, "tax": tax}.items()
                if reading is not None
            },
            doubts=others if may_wait else (*others, *about_merchant),
            unconfirmed="merchant" if may_wait and about_merchant else None,
            candidates={
                "total": tuple(amount_as_text(each, code) for each in likely_totals(entries)),
                "date": tuple(str(other) for other in date.others) if date else (),
                **({"merchant": near} if near else {}),
            },
            **dict(details),
        )
        if total is None:
            raise TotalNotFound("no row of the receipt shows a total", partial=fields)
        return fields


def _legibility_doubts(text: ReceiptText) -> Iterator[str]:
    """Yield a doubt about a picture whose text OCR was not sure of: it may have misread a digit."""
    if text.lines and fmean(line.confidence for line in text.lines) < _LEGIBLE:
        yield "the picture is hard to read"


def _doubts(name: str, reading: Reading | None) -> Iterator[str]:
    if reading is None:
        yield f"no {name} was found"
    elif reading.doubt is not None:
        yield reading.doubt
