"""How a receipt was paid: in cash, by card, by transfer; never with which card.

Shops print which cards they take, what a payment in cash would cost, and that they give no cash
back. So a word for money counts where an amount stands beside it that paid the total, or where the
row says that it is how this was paid.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from models import PaymentMethod
from providers.receipt_parser.receipt_rules.details.taxes import CLOSE
from providers.receipt_parser.receipt_rules.entries import Entry
from providers.receipt_parser.receipt_rules.rows import Row
from providers.receipt_parser.receipt_rules.vocabulary import Role

_LONGEST = 100
"""In characters of a label: what is longer is a sentence."""

_WORDS: tuple[tuple[PaymentMethod, str], ...] = (
    (
        PaymentMethod.DIRECT_DEBIT,
        r"\b(DIRECT DEBIT|LASTSCHRIFT\w*|BANKEINZUG|PRELEVEMENT|DOMICILIACION|DOMICILIAZIONE"
        r"|AUTOMATISCHE INCASSO|AUTOGIRO|AVTALEGIRO)\b",
    ),
    (
        PaymentMethod.CREDIT_TRANSFER,
        r"\b(BANK TRANSFER|WIRE TRANSFER|CREDIT TRANSFER|UEBERWEISUNG|VIREMENT|TRANSFERENCIA"
        r"|BONIFICO|OVERSCHRIJVING|PRZELEW)\b",
    ),
    (
        PaymentMethod.ONLINE_SERVICE,
        r"\b(PAY ?PAL|KLARNA|TWINT|SWISH|VIPPS|MOBILE ?PAY|BLIK|BIZUM|IDEAL|UPI|ALIPAY"
        r"|WECHAT PAY|PAYTM|PHONEPE|MB WAY|VENMO|CASH APP|TOUCH N GO|GRAB ?PAY)\b",
    ),
    (PaymentMethod.CHEQUE, r"\b(CHEQUE|CHECK PAYMENT|SCHECK|ASSEGNO)\b(?! CADEAU| DEJEUNER| NO\b)"),
    (
        PaymentMethod.CARD,
        r"\b(VISA|MASTER ?CARD|AMEX|AMERICAN EXPRESS|MAESTRO|V ?PAY|GIROCARD"
        r"|EC ?(KARTE|CASH)|ELEC(TRONIC)? CASH|KREDITKARTE|DEBITKARTE|BANKKARTE|KARTE|KARTENZAHLUNG"
        r"|(CREDIT|DEBIT|BANK) CARD|CARD|CARTE( BANCAIRE)?|CARTE BLEUE|CB|TARJETA|CARTA DI CREDITO"
        r"|CARTA DI DEBITO|CARTA|BANCOMAT|ELETTRONICO|CARTAO|MULTIBANCO|PIN|PINNEN|BANKPAS|KORT"
        r"|BANKKORT|KONTOKORT|DANKORT|BANKAXEPT|KORTTI|PANKKIKORTTI|KARTA|KARTOU|KARTOVE"
        r"|BANKKAE?RTYA|KARTYA|KARTI|KARTICA|INTERAC|EFTPOS|DISCOVER|DINERS( CLUB)?|JCB|UNIONPAY"
        r"|APPLE PAY|GOOGLE PAY|SANS CONTACT|CONTACTLESS|POSTFINANCE)\b",
    ),
    (
        PaymentMethod.CASH,
        r"\b(CASH|BAR|BARGELD|BARZAHLUNG|BAR ?BEZAHLT|ESPECES?|EFECTIVO|CONTANT[EI]?|DINHEIRO"
        r"|NUMERARIO|NUMERAR|KONTANT\w*|KAE?TEINEN|GOTOWKA|HOTOVE|HOTOVOST\w*|KESZPENZ|NAKIT|GOTOVINA"
        r"|TUNAI)\b",
    ),
)
_METHODS = tuple((method, re.compile(words)) for method, words in _WORDS)
_CASH_OF_CARDS = re.compile(r"\b(EC|ELEC|ELECTRONIC|GIROCARD) CASH\b|\bCASH APP\b")
_IS_NO_PAYMENT = re.compile(
    r"\bCASH ?(BACK|IER|OUT|PRICE|DISC\w*|ADVANCE|MEMO|BILL|REFUND|REGISTER)|\bCASHBACK"
    r"|\b(GIFT|LOYALTY|MEMBER|POINTS?|BONUS|CUSTOMER|KUNDEN|REWARDS?|STAMP|SIM|PAY ?BACK) ?"
    r"(CARD|KARTE)|\b(CARTE|KARTA|KORT) (DE )?(FIDELITE|CADEAU|KLIENTA)|\bCHANGE\b|\bSURCHARGE"
    r"|\bNO CASH|\b(WE|NOT|NO|CANNOT) (ACCEPT|REFUND)|\bACCEPT\w*"
    r"|\bMINIMUM|\bSKONTO|\bFEE\b|\bROUND\w*"
)
_SAYS_HOW = re.compile(
    r"\bPAID (BY|WITH|IN|VIA)\b|\bPAYMENT( METHOD| MODE| TYPE| BY| VIA)\b|\bMODE OF PAYMENT"
    r"|\bTENDER( TYPE)?\b|\bZAHL(UNGS)?(ART|WEISE|MITTEL)|\bBEZAHLT (MIT|PER)|\bBEZAHLUNG"
    r"|\bMODE DE (PAIEMENT|REGLEMENT)|\bPAYE PAR|\bREGLE PAR|\bFORMA DE PAGO|\bMEDIO DE PAGO"
    r"|\bPAGADO CON|\b(METODO|MODALITA|TIPO|FORMA) (DI|DE) PAGAMENTO|\bPAGAMENTO\b|\bBETAALWIJZE"
    r"|\bBETAALD MET|\bBETALT MED|\bBETALD MED|\bBETALINGS(METODE|MAADE)|\bFORMA PLATNOSCI"
    r"|^(KARTENZAHLUNG|BARZAHLUNG|CARD PAYMENT|PAGO CON TARJETA|PAIEMENT (PAR )?CARTE)\b"
    r"|\bZPUSOB (UHRADY|PLATBY)|\bMAKSUTAPA|\bODEME (TURU|SEKLI)"
)
_PAYMENTS = frozenset({Role.CASH, Role.CARD, Role.NONE, Role.TOTAL})
_SUMS = frozenset({Role.TOTAL, Role.GRAND_TOTAL, Role.SUBTOTAL})
_MASKED = re.compile(r"[*xX\u2022\u00b7.]{2,}\s?\d{4}\b")
"""What is left of a card's number on a receipt."""


def find_payment(
    rows: Sequence[Row], entries: Sequence[Entry], total: int | None
) -> PaymentMethod | None:
    """Return how the total, in minor units, was paid; None if nothing says so, or several do."""
    if not total:
        return None
    paid = _paid(entries)
    if paid:
        method, amount = paid.popitem()
        return method if not paid and amount >= abs(total) - CLOSE else None
    named = set(_named(rows))
    return named.pop() if len(named) == 1 else None


def method_named(label: str) -> PaymentMethod | None:
    """Return the only way to pay that a folded label names, or None."""
    label = label[:_LONGEST]
    if _IS_NO_PAYMENT.search(label):
        return None
    words = _CASH_OF_CARDS.sub(lambda match: match[0].replace("CASH", "KARTE"), label)
    named = {method for method, pattern in _METHODS if pattern.search(words)}
    if PaymentMethod.ONLINE_SERVICE in named:  # which takes the money from a card
        named.discard(PaymentMethod.CARD)
        named.discard(PaymentMethod.CASH)
    return named.pop() if len(named) == 1 else None


def _paid(entries: Sequence[Entry]) -> dict[PaymentMethod, int]:
    """Return what was paid, in minor units, by the way to pay; such rows are below the items."""
    paid: Counter[PaymentMethod] = Counter()
    sums = [one.index for one in entries if one.role in _SUMS and not one.in_summary]
    first = min(sums, default=0)
    for entry in entries:
        if entry.index < first or entry.in_summary or entry.role not in _PAYMENTS:
            continue
        method = method_named(entry.label)
        if method is not None and entry.cents:
            paid[method] += abs(entry.cents)
    return dict(paid)


def _named(rows: Sequence[Row]) -> Iterator[PaymentMethod]:
    """Yield the ways to pay of rows that say so, or that have a card's number."""
    for row in rows:
        if len(row.label) > _LONGEST:
            continue
        method = method_named(row.label)
        is_card = method is PaymentMethod.CARD and _MASKED.search(row.text)
        if method is not None and (is_card or _SAYS_HOW.search(row.label)):
            yield method
