"""Files of other kinds, and a second file of the same receipt, from the command line."""

from pathlib import Path

import pillow_heif
from PIL import Image

from tests.support.pdf_files import printed_pdf
from tests.support.terminal import Terminal, photo

pillow_heif.register_heif_opener()

INVOICE = [
    *[("CORNER BAKERY LTD", ""), ("Date: 14/03/2024", ""), ("Sourdough loaf", "4.50")],
    *[("TOTAL EUR", "4.50"), ("CASH", "5.00"), ("CHANGE", "0.50")],
]


def test_a_mailed_invoice_and_a_phone_s_photo_become_expenses(
    shop: Terminal, tmp_path: Path
) -> None:
    invoice, scan = tmp_path / "invoice.pdf", tmp_path / "scan.heic"
    invoice.write_bytes(printed_pdf(INVOICE))
    with Image.open(photo("hardware-cash")) as picture:
        picture.save(scan, "HEIF", quality=80, enc_params={"preset": "ultrafast"})

    answer = shop.starter("receipt", str(invoice), str(scan), "--user", "kira", "--wait", "--json")

    assert answer.code == 0, answer
    saved = {expense["object_key"][-4:]: expense for expense in shop.expenses("kira")}
    assert (saved[".pdf"]["total_cents"], saved[".pdf"]["currency"]) == (450, "EUR")
    assert saved[".pdf"]["merchant"] == "CORNER BAKERY LTD"
    assert (saved["heic"]["total_cents"], saved["heic"]["currency"]) == (3349, "USD")
    drawn = tmp_path / "invoice.png"
    (shown,) = (run for run in answer.objects if run.get("file") == str(invoice))
    assert shop.starter("show", shown["workflow_id"], "--output", str(drawn)).code == 0
    with Image.open(drawn) as picture:
        assert picture.size == (833, 1111)


def test_a_pdf_that_nobody_can_open_starts_nothing(shop: Terminal, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(printed_pdf(INVOICE, encrypted=True))

    answer = shop.starter("receipt", str(secret), "--user", "kira")

    assert (answer.code, answer.out) == (2, "")
    assert "is encrypted; save it without a password" in answer.err


def test_a_second_file_of_a_receipt_waits_for_a_person(shop: Terminal, tmp_path: Path) -> None:
    mailed, again = tmp_path / "mailed.pdf", tmp_path / "again.pdf"
    mailed.write_bytes(printed_pdf(INVOICE))
    again.write_bytes(printed_pdf(INVOICE, extra="0 0 1 1 re f"))
    whose = ("--user", "lena")
    first = shop.starter("receipt", str(mailed), *whose, "--wait", "--json").objects[-1]
    second = shop.starter("receipt", str(again), *whose, "--json").object["workflow_id"]

    held = shop.until(second, status="needs_review")

    assert f"likely a duplicate of receipt {first['result']['receipt_id']}" in held["reason"]
    assert len(shop.expenses("lena")) == 1

    confirmed = shop.starter("review", *whose, "--by", "ada", stdin="\n\n\n\n")

    assert confirmed.out == f"{second}: 4.50 EUR, goes on\n", confirmed
    assert shop.closed_as(second) == "COMPLETED"
    assert [expense["corrected_by"] for expense in shop.expenses("lena")] == [None, "ada"]
