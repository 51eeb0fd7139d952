"""Receipts at the desk: uploaded, checked beside their picture, discarded; and the expenses."""

import asyncio
import csv
import io
import itertools
import string

from models import Role
from tests.support.browser import TOKEN, AtDesk, Browser, Page
from tests.support.desk import eventually
from tests.support.pdf_files import cafe_receipt, printed_pdf

TOTALS = itertools.count(7_000)


def unreadable() -> bytes:
    """Return a receipt without a total, that nobody has submitted before."""
    which = "".join(string.ascii_lowercase[int(digit)] for digit in str(next(TOTALS)))
    rows = [("Corner Cafe", ""), ("04.03.2026", ""), (f"the total is gone {which}", "")]
    return printed_pdf(rows)


async def uploaded(browser: Browser, *files: bytes) -> list[str]:
    """Upload files; return the paths of their receipts."""
    page = await browser.upload(*((f"{n}.pdf", data) for n, data in enumerate(files)))
    assert page.status == 200, page.text
    return [link for link in page.links if link.startswith("/desk/receipts/")]


async def shows(browser: Browser, path: str, words: str) -> Page:
    """Load a page until it shows these words."""
    async with asyncio.timeout(120):
        page: Page = await eventually(lambda: browser.show(path), lambda page: words in page.text)
        return page


async def test_an_upload_becomes_an_expense(at_desk: AtDesk) -> None:
    dora, bob = await at_desk.person("dora", Role.SUBMIT), await at_desk.person("bob", Role.SUBMIT)

    page = await dora.upload(("lunch.pdf", cafe_receipt(next(TOTALS))), ("x.txt", b"no picture"))
    assert "lunch.pdf accepted" in page.text
    assert "JPEG" in page.text
    (path,) = (link for link in page.links if link.startswith("/desk/receipts/"))
    done = await shows(dora, path, "completed")
    assert "Corner Cafe" in done.text
    assert not done.has_form("/confirm")
    again = next(link for link in page.links if "/desk/upload?receipt=" in link)
    assert "completed" in (await dora.show(again)).text

    picture = await dora.get(f"{path}/pages/0")
    assert picture.headers["Content-Type"] == "image/jpeg"
    assert picture.body[:2] == b"\xff\xd8"
    assert (await dora.get(f"{path}/pages/7")).status == 404
    for hidden in (path, f"{path}/pages/0", f"{path}/events"):
        assert (await bob.get(hidden)).status == 404

    expenses = await dora.show("/desk/expenses")
    assert "1 expense" in expenses.text
    assert path in expenses.links
    assert "0 expenses" in (await dora.show("/desk/expenses?text=nowhere")).text
    assert "1 expense" in (await dora.show("/desk/expenses?text=CORNER")).text
    assert "0 expenses" in (await bob.show("/desk/expenses?text=dora")).text
    table = await dora.get("/desk/expenses.csv?text=corner")
    (row,) = csv.DictReader(io.StringIO(table.body.decode()))
    assert row["user_id"] == "dora"
    operator = await at_desk.person("olga", Role.OPERATE)
    assert path in (await operator.show("/desk/expenses?text=dora")).links


async def test_an_upload_without_a_file(at_desk: AtDesk) -> None:
    dora = await at_desk.person("dora", Role.SUBMIT)

    assert (await dora.upload()).status == 422
    form = (await dora.show("/desk/upload")).form("/upload").fields
    wrong = await dora.post("/desk/upload", {**form, "notify": "nobody"})
    assert wrong.status in (400, 422)


async def test_receipts_are_checked_one_after_the_other(at_desk: AtDesk) -> None:
    carl, bob = await at_desk.person("carl", Role.SUBMIT), await at_desk.person("bob", Role.SUBMIT)
    first, second = await uploaded(carl, unreadable(), unreadable())
    for path in (first, second):
        page = await shows(carl, path, "needs review")
        assert "Why you are asked" in page.text
    inbox = await eventually(
        lambda: carl.show("/desk/"), lambda page: {first, second} <= set(page.links)
    )
    assert "Receipts to check" in inbox.text
    assert first not in (await bob.show("/desk/")).links
    assert (await carl.get("/desk/receipts/next")).goes_to.startswith("/desk/receipts/receipt-carl")

    page = await carl.show(first)
    form = page.form("/confirm")
    assert form.fields["merchant"] == "Corner Cafe"
    wrong = await carl.submit(form, {"total": "a lot", "date": "03/04/2026", "currency": "zzz"})
    assert wrong.status == 422
    assert "total is 'a lot'" in wrong.text
    assert "which may be 2026-04-03 or 2026-03-04" in wrong.text
    assert wrong.form("/confirm").fields["total"] == "a lot"
    others = (await bob.show("/desk/")).form("/sign-out").fields[TOKEN]
    assert (await bob.post(form.action, {**form.fields, TOKEN: others})).status == 404

    typed = {"total": "$1,234.50", "date": "14/03/2026", "currency": "usd", "merchant": "The Cafe"}
    answer = await carl.submit(form, typed)
    assert "/desk/receipts/next?after=" in answer.goes_to
    done = await shows(carl, first, "completed")
    for words in ("1234.50", "2026-03-14", "The Cafe", "carl"):
        assert words in done.text
    assert (await carl.submit(form, typed)).status == 409
    following = (await carl.get(answer.goes_to)).goes_to
    assert following.endswith(second.rpartition("/")[2])

    page = await carl.show(second)
    answer = await carl.submit(page.form("/discard"))
    assert (await carl.get(answer.goes_to)).goes_to == "/desk/?none=1"
    await shows(carl, second, "cancelled")
    assert (await carl.submit(page.form("/discard"))).status == 409
    assert "No other receipt waits." in (await carl.show("/desk/?none=1")).text


async def test_the_totals_by_month_and_currency(at_desk: AtDesk) -> None:
    nina = await at_desk.person("nina", Role.SUBMIT)
    for path in await uploaded(nina, unreadable(), unreadable()):
        page = await shows(nina, path, "needs review")
        typed = {"total": "10", "currency": "EUR", "date": "2026-03-05", "merchant": path[-8:]}
        await nina.submit(page.form("/confirm"), typed)
        await shows(nina, path, "completed")

    page = await nina.show("/desk/expenses?month=2026-03&currency=EUR")

    assert "2026-03 20.00 EUR 2" in page.text
    assert "There is nothing to add up." in (await nina.show("/desk/expenses?month=1999-01")).text
