"""Vouchers: what pays a total without money, in part or to zero."""

from providers.receipt_parser.receipt_rules.vocabulary.papers.phrases import Phrases

VOUCHERS = Phrases(
    "voucher*, e voucher, coupon*, gift card, gift cards, gift certificate, gift token,"
    "store credit, credit voucher, egift, e gift, gift voucher",
    "Gutschein*, Geschenkgutschein, Geschenkkarte, Geschenkbon, Warengutschein,"
    "Einkaufsgutschein, Wertgutschein, Guthabenkarte",
    "bon d achat, bon achat, chèque cadeau, carte cadeau, bon cadeau, chèque d achat, avoir",
    "vale, vale regalo, vale de compra, tarjeta regalo, cheque regalo, bono regalo, bono",
    "buono, buono regalo, buono acquisto, carta regalo, buoni",
    "cadeaubon, cadeaukaart, kadobon, waardebon, tegoedbon, geschenkbon, geschenkcheque",
    "presentkort, tillgodokvitto, värdecheck, värdekupong, värdebevis",
    "gavekort, tilgodebevis, tilgodeseddel, tilgodelapp, værdibevis, verdikupong, verdikort",
    "lahjakortti, arvoseteli, lahjakortilla, hyvitysseteli",
    "bon podarunkowy, karta podarunkowa, karta upominkowa, bon upominkowy, bon towarowy, kupon",
    "dárkový poukaz, dárková poukázka, dárková karta, dárkový šek, poukaz, poukázka,"
    "darčeková poukážka, darčeková karta, poukážka",
    "ajándékkártya, ajándékutalvány, utalvány, vásárlási utalvány",
    "vale oferta, vale compras, vale presente, cartão oferta, cartão presente, cheque oferta",
    "tichet cadou, card cadou, bon valoric, bon cadou, tichet valoric",
    "hediye karti, hediye çeki, alişveriş çeki, hediye kuponu",
    "poklon bon, poklon kartica, darilni bon, baucar",
)
