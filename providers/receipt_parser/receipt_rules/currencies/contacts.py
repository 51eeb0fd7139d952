"""Contacts: what the country code of a phone number, and the domain of an address, tell."""

import re
from collections.abc import Iterable, Iterator

_CALLING_CODES = (
    "EUR 49 43 33 39 34 351 31 32 352 353 358 30 421 386 372 371 370 357 356 385 359 382 383 377"
    " 376"
    " 378,GBP 44,CHF 41 423,PLN 48,CZK 420,HUF 36,RON 40,MDL 373,SEK 46,NOK 47,DKK 45 299 298"
    ",ISK 354"
    ",RSD 381,BAM 387,MKD 389,ALL 355,TRY 90,UAH 380,BYN 375,GEL 995,AMD 374,AZN 994,UZS 998"
    ",KGS 996"
    ",TJS 992,MNT 976,MXN 52,GTQ 502,HNL 504,NIO 505,CRC 506,BZD 501,CUP 53,HTG 509,GYD 592,SRD 597"
    ",COP 57,VES 58,PEN 51,BOB 591,PYG 595,UYU 598,ARS 54,CLP 56,BRL 55,USD 593 503,AUD 61,NZD 64"
    ",FJD 679,PGK 675,WST 685,TOP 676,VUV 678,SBD 677,XPF 687 689,SGD 65,MYR 60,BND 673,IDR 62"
    ",THB 66"
    ",VND 84,KHR 855,LAK 856,MMK 95,PHP 63,CNY 86,HKD 852,MOP 853,TWD 886,JPY 81,KRW 82,INR 91"
    ",PKR 92"
    ",LKR 94,NPR 977,BDT 880,MVR 960,BTN 975,AFN 93,AED 971,SAR 966,QAR 974,KWD 965,BHD 973,OMR 968"
    ",JOD 962,LBP 961,ILS 972,IQD 964,IRR 98,EGP 20,MAD 212,TND 216,DZD 213,LYD 218"
    ",XOF 221 225 223 229 226 228 227 245,XAF 237 241 242 235 236 240,NGN 234,GHS 233,KES 254"
    ",TZS 255"
    ",UGX 256,RWF 250,BIF 257,ETB 251,ZAR 27,NAD 264,BWP 267,ZMW 260,ZWG 263,MZN 258,AOA 244"
    ",CVE 238"
    ",MUR 230,SCR 248,MGA 261,MWK 265,CDF 243,GNF 224,GMD 220,KYD 1345,JMD 1876 1658,TTD 1868"
    ",BBD 1246"
    ",BSD 1242,DOP 1809 1829 1849,XCD 1268 1758 1473 1767 1869 1784 1264 1664,BMD 1441"
)
_DOMAINS = (
    "EUR de at fr it es cat pt nl be lu ie fi gr sk si ee lv lt cy mt hr bg eu,GBP uk,CHF ch li"
    ",PLN pl"
    ",CZK cz,HUF hu,RON ro,MDL md,SEK se,NOK no,DKK dk,ISK is,RSD rs,BAM ba,MKD mk,ALL al,TRY tr"
    ",UAH ua"
    ",RUB ru,BYN by,GEL ge,AMD am,AZN az,KZT kz,UZS uz,CAD ca,MXN mx,GTQ gt,HNL hn,NIO ni,CRC cr"
    ",DOP do"
    ",JMD jm,PEN pe,BOB bo,PYG py,UYU uy,ARS ar,CLP cl,BRL br,AUD au,NZD nz,FJD fj,SGD sg,MYR my"
    ",IDR id,THB th,VND vn,KHR kh,PHP ph,CNY cn,HKD hk,TWD tw,JPY jp,KRW kr,INR in,PKR pk,LKR lk"
    ",NPR np"
    ",BDT bd,AED ae,SAR sa,QAR qa,KWD kw,BHD bh,OMR om,JOD jo,LBP lb,ILS il,EGP eg,MAD ma,TND tn"
    ",DZD dz"
    ",XOF sn ci bj bf,XAF cm ga,NGN ng,GHS gh,KES ke,TZS tz,UGX ug,RWF rw,ETB et,ZAR za,NAD na"
    ",BWP bw"
    ",ZMW zm,MZN mz,MUR mu"
)


def _by_word(table: str) -> dict[str, str]:
    rows = (row.split() for row in table.split(","))
    return {word: code for code, *words in rows for word in words}


_BY_CALLING_CODE, _BY_DOMAIN = _by_word(_CALLING_CODES), _by_word(_DOMAINS)
_PHONE = re.compile(r"\+ ?(\d{1,4})(?:[ ().-]{0,3}\d){6,11}(?!\d)")
_PHONE_OF_AN_ISLAND = re.compile(
    r"(?<!\d)(?:\+?1[ .-]?)?\(?(\d{3})\)?[ .-]{1,2}\d{3}[ .-]\d{4}(?!\d)"
)
_ADDRESS = re.compile(r"(?:(?i:www)\.|@|(?i:https?)://)[\w.-]{1,60}?\.([a-z]{2,3})(?![\w.-])")


def currencies_of_contacts(text: str) -> Iterator[str]:
    """Yield the currency of the country of each phone number and address in a row."""
    for phone in _PHONE.finditer(text):
        digits = phone[1]
        yield from _first(digits[:length] for length in range(len(digits), 0, -1))
    for phone in _PHONE_OF_AN_ISLAND.finditer(text):
        yield from _first([f"1{phone[1]}"])
    for address in _ADDRESS.finditer(text):
        if address[1] in _BY_DOMAIN:
            yield _BY_DOMAIN[address[1]]


def _first(codes: Iterable[str]) -> Iterator[str]:
    """Yield the currency of the longest of the calling codes that is one."""
    found = next((_BY_CALLING_CODE[code] for code in codes if code in _BY_CALLING_CODE), None)
    if found:
        yield found
