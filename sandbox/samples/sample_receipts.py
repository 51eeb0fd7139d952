"""What the sample receipts say, and how each was photographed; ``draw_receipts`` draws them.

Merchants, addresses and numbers are invented. Sums are right: the reader checks them.
"""

from dataclasses import dataclass

COLUMNS = 36
"""Characters in a line of a receipt."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Stain:
    """Coffee that washed out the print: centre and radius as parts of the paper's width."""

    centre: Point
    radius: float


@dataclass(frozen=True)
class Photo:
    """A receipt and how it was photographed.

    ``corners`` are where the paper's corners lie in the photo, as parts of its width and
    height: top left, top right, bottom right, bottom left. ``table`` is the background's
    colour, ``ink`` and ``noise`` are between 0 and 1.
    """

    name: str
    seed: int
    text: str
    corners: tuple[Point, Point, Point, Point]
    table: tuple[int, int, int]
    ink: float = 0.85
    noise: float = 0.02
    blur: float = 0.6
    stain: Stain | None = None


def line(left: str, right: str) -> str:
    """Return a receipt line with its amount at the right edge."""
    return f"{left:<{COLUMNS - len(right)}}{right}"


def receipt(*lines: str) -> str:
    """Return the text of a receipt; lines in ``|`` are centred, ``-`` is a rule."""
    rule = "-" * COLUMNS
    return "\n".join(
        rule if text == "-" else text.strip("|").center(COLUMNS).rstrip() if "|" in text else text
        for text in lines
    )


GROCERY = Photo(
    name="grocery",
    seed=11,
    text=receipt(
        "|Holloway Garden Market|",
        "|218 Alder Street|",
        "|Fennimore, OR 97119|",
        "|Tel (503) 555-0142|",
        "",
        "Date: 03/14/2026        Time: 17:42",
        "Cashier: Noor           Reg: 02",
        "-",
        line("SOURDOUGH LOAF", "6.50"),
        line("FREE RANGE EGGS 12", "5.99"),
        line("OAT MILK 1L", "3.49"),
        line("  2 x 2.25 AVOCADO", "4.50"),
        line("BLACK BEANS CAN", "1.79"),
        line("DARK CHOCOLATE 70%", "3.95"),
        line("DISH SOAP", "4.29"),
        "-",
        line("SUBTOTAL", "30.51"),
        line("TAX 8.0% ON 4.29", "0.34"),
        line("TOTAL USD", "30.85"),
        "",
        line("VISA ************4417", "30.85"),
        "Auth code 082211",
        "",
        "|8 items|",
        "|Thank you for shopping with us!|",
    ),
    corners=((0.17, 0.04), (0.84, 0.045), (0.85, 0.955), (0.16, 0.96)),
    table=(96, 70, 52),
)

BAKERY = Photo(
    name="baeckerei-angle",
    seed=23,
    text=receipt(
        "|Backhaus Lindenquell|",
        "|Lindenweg 7|",
        "|99817 Eichenfurt|",
        "|Tel. 03691 5550138|",
        "",
        "Bon-Nr. 20418            Kasse 1",
        "Datum: 07.02.2026        08:16 Uhr",
        "-",
        line("", "EUR"),
        line("Roggenbrot 1 kg", "5,20 A"),
        line("4 x 0,55 Schrippen", "2,20 A"),
        line("2 x 2,45 Mohnschnecke", "4,90 A"),
        line("Rosinenstange", "2,10 A"),
        line("Kaffee groß", "3,80 B"),
        "-",
        line("Zu zahlen EUR", "18,20"),
        line("Bar", "20,00"),
        line("Rückgeld", "1,80"),
        "",
        "MwSt       Netto    Steuer   Brutto",
        "A  7,0%    13,46      0,94    14,40",
        "B 19,0%     3,19      0,61     3,80",
        "",
        "|Vielen Dank für Ihren Einkauf!|",
    ),
    corners=((0.24, 0.03), (0.93, 0.1), (0.83, 0.97), (0.05, 0.88)),
    table=(58, 62, 68),
    noise=0.045,
    blur=0.8,
)

CAFE = Photo(
    name="cafe-coffee-stain",
    seed=37,
    text=receipt(
        "|KETTLE & QUILL CAFE|",
        "|41 Harbour Row|",
        "|Saltmere, ME 04099|",
        "",
        "05/22/2026  10:08      Table 6",
        "Order 1187             Server Ines",
        "-",
        line("2 FLAT WHITE", "9.00"),
        line("1 EARL GREY POT", "4.25"),
        line("2 CINNAMON BUN", "7.50"),
        line("1 QUICHE OF THE DAY", "8.95"),
        "-",
        line("SUBTOTAL", "29.70"),
        line("SALES TAX 8%", "2.38"),
        line("TOTAL", "32.08"),
        line("CARD", "32.08"),
        "-",
        "",
        "|Come back for the second cup|",
        "|and the next chapter.|",
        "",
    ),
    corners=((0.16, 0.05), (0.83, 0.03), (0.86, 0.95), (0.15, 0.97)),
    table=(120, 104, 84),
    noise=0.03,
    stain=Stain(centre=(0.66, 0.98), radius=0.36),
)

HARDWARE = Photo(
    name="hardware-cash",
    seed=41,
    text=receipt(
        "|BRACKENRIDGE HARDWARE|",
        "|6300 Quarry Road|",
        "|Millbrook Falls, OH 44998|",
        "",
        "01/19/2026 12:31   Trans 0090442",
        "-",
        line("WOOD SCREWS 4X40 BOX", "8.49"),
        line("PAINT BRUSH 2 IN", "6.25"),
        line("MASKING TAPE", "4.99"),
        line("LED BULB E26 2PK", "11.50"),
        "-",
        line("SUBTOTAL", "31.23"),
        line("SALES TAX 7.25%", "2.26"),
        line("TOTAL USD", "33.49"),
        line("CASH", "40.00"),
        line("CHANGE DUE", "6.51"),
        "-",
        "|Returns within 30 days|",
        "|with this receipt|",
    ),
    corners=((0.13, 0.1), (0.8, 0.05), (0.87, 0.9), (0.2, 0.96)),
    table=(70, 78, 60),
    ink=0.62,
    noise=0.035,
)

PUB = Photo(
    name="pub-pounds",
    seed=53,
    text=receipt(
        "|THE COPPER HERON|",
        "|Quayside 3, Wrenport WP1 9ZZ|",
        "|VAT Reg 555 0172 63|",
        "",
        "18 Apr 2026 20:54        Table 12",
        "-",
        line("2 Fish and chips", "£33.00"),
        line("1 Mushroom pie", "£14.50"),
        line("2 Pint of pale ale", "£12.40"),
        line("1 Lime soda", "£3.10"),
        "-",
        line("Total", "£63.00"),
        line("of which VAT 20%", "£10.50"),
        "",
        line("Contactless", "£63.00"),
        "|Service is not included|",
    ),
    corners=((0.1, 0.13), (0.88, 0.08), (0.9, 0.86), (0.14, 0.92)),
    table=(44, 40, 46),
)

PHOTOS = (GROCERY, BAKERY, CAFE, HARDWARE, PUB)
