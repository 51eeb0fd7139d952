"""``python -m tests.fuzz.parsers``: what strangers may send, to every parser of it.

None may raise what is not its own error, and none may take longer than its limit for one input,
whatever stands in it. The limits are of CPU time, so that a busy machine is no fault.
"""

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models import ListedReservation, ReceiptText, TextLine, clean_text
from providers.errors import ProviderError
from providers.mail import mask_addresses
from providers.receipt_parser.reading import Question, answer_to
from providers.transport.http_api import Listing, _parse
from providers.transport.http_session import HttpAnswer
from providers.transport.retry_after import retry_after_seconds
from service import values
from service.errors import ServiceError
from service.orders.document import parse_order
from tests.fuzz import files

EXAMPLES = 1_000

_WORDS = (
    *("TOTAL", "TOTAL EUR", "SUMME", "TAX 6%", "MwSt 19%", "CASH", "CHANGE", "VISA", "SUBTOTAL"),
    *("REFUND", "2 x", "(1.00)", "-", "--", "1.00", "12,30", "1.234,56", "1 234,50", "0.00", "RM"),
    *("$", "\u20ac", "KWD", "kr", "28.02.2026", "03/04/26", "26-10-11", "Apr 14 '26", "due", "GST"),
    *("9" * 40, "1," * 60, "." * 90, "A" * 200, "a" * 99 + "@", "1 " * 90, "\x00", "\u202e", "is"),
)
_WORD = st.one_of(st.sampled_from(_WORDS), st.text(max_size=12))
_PHRASE = st.lists(_WORD, max_size=25).map(" ".join)
_BOX = st.tuples(*(st.integers(-50, 3000) for _ in range(4)))


@st.composite
def texts(draw: Any, most_rows: int = 600) -> ReceiptText:
    """Return what OCR or a file may say; a few rows over and over, as hostile files have them."""
    rows = draw(st.lists(_PHRASE, min_size=1, max_size=12))
    times = draw(st.integers(1, most_rows // len(rows)))
    odd = draw(st.lists(st.tuples(_PHRASE, _BOX), max_size=6))
    lines = [
        TextLine(text=row[:200], box=(20, 30 * n, 600, 30 * n + 20), confidence=0.9)
        for n, row in enumerate(rows * times)
    ]
    lines += [TextLine(text=words[:200], box=box, confidence=0.5) for words, box in odd]
    skew = draw(st.sampled_from((0.0, 3.0, -44.0, 89.9)))
    return ReceiptText(lines=lines, width=620, height=800, skew_degrees=skew, engine="fuzz")


_VALUE = st.one_of(st.none(), _PHRASE, st.sampled_from(("12.30", "-1", "9" * 400, "2026-02-28")))
_SAID = st.fixed_dictionaries(
    dict.fromkeys(("merchant", "total", "currency", "date", "tax"), _VALUE)
)
_JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=8), st.dictionaries(st.text(max_size=8), inner, max_size=6)
    ),
    max_leaves=40,
)
_FIELDS = ("order_id", "orderId", "customer_id", "customer_email", "payment_token", "items", "sku")
_DOCUMENT = st.one_of(
    st.binary(max_size=300),
    _JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(st.sampled_from(_FIELDS), st.one_of(_JSON, _PHRASE, st.just("a" * 50_000))).map(
        lambda value: json.dumps(value).encode()
    ),
    st.integers(1, 80_000).map(lambda n: b'{"items":[' + b"{}," * n + b"{}]}"),
)


def _ask(what: str, text: ReceiptText, answer: Any = None) -> object:
    question = {"what": what, "text": text, "answer": answer, "parser": "fuzz"}
    return answer_to(Question.model_validate(question))


def _answer(body: bytes) -> object:
    got = HttpAnswer("GET /x", 200, {}, "application/json", body)
    return _parse(Listing[ListedReservation], got)


class Parser(NamedTuple):
    """A parser, what it is given, and its limit of CPU time in seconds for one input."""

    parse: Callable[[Any], object]
    given: st.SearchStrategy[Any]
    seconds: float
    clock: Callable[[], float] = time.thread_time


PARSERS: dict[str, Parser] = {
    "rules": Parser(lambda text: _ask("rules", text), texts(), 3.0),
    "witness": Parser(lambda pair: _ask("witness", *pair), st.tuples(texts(), _SAID), 4.0),
    "order": Parser(parse_order, _DOCUMENT, 1.0),
    "answer": Parser(_answer, _DOCUMENT, 0.5),
    "retry-after": Parser(
        lambda value: retry_after_seconds({"Retry-After": value}),
        st.one_of(st.text(max_size=300), _PHRASE),
        0.1,
    ),
    "mask": Parser(mask_addresses, st.one_of(_PHRASE, _PHRASE.map(lambda w: w * 50)), 0.2),
    "clean": Parser(clean_text, st.text(), 0.1),
    "amount": Parser(lambda text: values.total_cents(text, currency="EUR"), _PHRASE, 0.1),
    "date": Parser(values.date, _PHRASE, 0.1),
    "pdf": Parser(files.open_pdf, files.pdfs_after_accidents(), 5.0, files.cpu_seconds),
    **{
        form: Parser(
            files.open_picture, files.pictures_after_accidents(form), 1.0, files.cpu_seconds
        )
        for form in files.FORMATS
    },
}


def fuzz(name: str, examples: int, *, derandomize: bool = True) -> float:
    """Give a parser so many inputs; return the most CPU seconds that one took.

    Raise AssertionError for one that took too long, and whatever else a parser lets out.
    """
    parser = PARSERS[name]
    slowest = 0.0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=derandomize,
        phases=(Phase.generate, Phase.shrink) if not derandomize else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(parser.given)
    def one(value: Any) -> None:
        nonlocal slowest
        started = parser.clock()
        with contextlib.suppress(ProviderError, ServiceError):  # its own
            parser.parse(value)
        took = parser.clock() - started
        slowest = max(slowest, took)
        assert took < parser.seconds, f"{name} took {took:.2f} s of {parser.seconds:g}"

    one()
    return slowest


def main() -> int:
    """Fuzz all parsers; return the exit code."""
    asked = argparse.ArgumentParser(prog="fuzz.parsers", description=__doc__)
    asked.add_argument("--examples", type=int, default=EXAMPLES, help="inputs of each parser")
    asked.add_argument("--only", choices=list(PARSERS))
    args = asked.parse_args()
    for name in [args.only] if args.only else PARSERS:
        slowest = fuzz(name, args.examples, derandomize=False)
        sys.stdout.write(f"{name}: {args.examples} inputs, the slowest took {slowest:.3f} s\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
