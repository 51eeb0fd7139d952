"""Receipts at the desk: uploaded, checked beside their picture, discarded; and the expenses."""

import asyncio
import csv
import io
import itertools
import string
from contextlib import closing
from hashlib import sha256

import aiohttp

from bootstrap import object_store
from models import Role
from tests.support.browser import TOKEN, AtDesk, Browser, Page
from tests.support.desk import eventually
from tests.support.http_door import Door, Person
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
    assert b'aria-labelledby="uploaded">' in page.body
    assert b'aria-labelledby="uploaded" hidden>' in (await dora.show("/desk/upload")).body
    assert "JPEG" in page.text
    (path,) = (link for link in page.links if link.startswith("/desk/receipts/"))
    done = await shows(dora, path, "completed")
    assert "Corner Cafe" in done.text
    assert not done.has_form("/confirm")
    again = next(link for link in page.links if "/desk/upload?receipt=" in link)
    assert "lunch.pdf completed" in (await dora.show(again)).text

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
    assert "1 expense" in (await dora.show("/desk/expenses?text=2026-03")).text
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
    form = page.form("/confirm")
    refused = await carl.submit(form, {"total": "much", "clear": "merchant"})
    assert 'value="merchant" checked' in refused.body.decode()
    answer = await carl.submit(page.form("/discard"))
    assert (await carl.get(answer.goes_to)).goes_to == "/desk/?none=1"
    await shows(carl, second, "cancelled")
    assert (await carl.submit(page.form("/discard"))).status == 409
    assert "No other receipt waits." in (await carl.show("/desk/?none=1")).text


async def test_what_became_of_an_expense_is_said_also_on_the_page_of_its_receipt(
    at_desk: AtDesk, door: Door, session: aiohttp.ClientSession
) -> None:
    ella = await at_desk.person("ella", Role.SUBMIT)
    api = Person(door.url, door.key("ella", Role.SUBMIT), session)
    (path,) = await uploaded(ella, unreadable())
    typed = {"total": "12", "currency": "USD", "date": "2026-03-05", "merchant": "The Cafe"}
    page = await shows(ella, path, "needs review")
    answer = await ella.submit(page.form("/confirm"), typed)
    home = (await ella.get(answer.goes_to)).goes_to
    assert "Confirmed 12.00 USD at The Cafe" in (await ella.show(home)).text
    assert "Confirmed 12.00" not in (await ella.show(home)).text

    done = await shows(ella, path, "completed")
    expense = next(link for link in done.links if link.startswith("/desk/expenses/"))
    receipt = path.replace("/desk", "")
    assert (await api.get(receipt)).body["expenseChange"] is None

    form = (await ella.show(expense)).form("/edit")
    answer = await ella.submit(form, {"total": "13", "merchant": "Corner Cafe"})
    assert "Saved 13.00 USD at Corner Cafe." in (await ella.show(answer.goes_to)).text
    edited = await ella.show(path)
    assert "it is now 13.00 USD at Corner Cafe on 2026-03-05 (by ella" in edited.text
    change = (await api.get(receipt)).body["expenseChange"]
    assert (change["deleted"], change["totalCents"], change["changedBy"]) == (False, 1300, "ella")
    operator = await at_desk.person("olga", Role.OPERATE)
    assert expense in (await operator.show(path)).links

    answer = await ella.submit((await ella.show(expense)).form("/delete"))
    assert "Deleted 13.00 USD at Corner Cafe." in (await ella.show(answer.goes_to)).text
    deleted = await ella.show(path)
    assert "Its expense was deleted (by ella, " in deleted.text
    assert expense not in deleted.links
    assert (await api.get(receipt)).body["expenseChange"]["deleted"] is True


async def test_a_receipt_is_checked_also_when_its_picture_is_gone(
    at_desk: AtDesk, door: Door, session: aiohttp.ClientSession
) -> None:
    hugh = await at_desk.person("hugh", Role.SUBMIT)
    api = Person(door.url, door.key("hugh", Role.SUBMIT), session)
    file = unreadable()
    (path,) = await uploaded(hugh, file)
    page = await shows(hugh, path, "needs review")
    assert "The picture is gone" not in page.text
    receipt, key = path.replace("/desk", ""), f"receipts/{sha256(file).hexdigest()}.pdf"
    with closing(object_store(door.shop.stack.settings)) as store:
        store.delete(key)  # as a rule of the bucket does

    page = await hugh.show(path)
    assert "The picture is gone: the bucket has it no longer." in page.text
    assert f"{path}/pages/0" not in page.body.decode()
    refused = await api.get(f"{receipt}/image")
    gone = f"the receipt's file is gone: bucket receipts holds no object {key}"
    assert (refused.status, refused.body["detail"]) == (404, gone)
    assert (await hugh.get(f"{path}/pages/0")).status == 404

    typed = {"total": "12", "currency": "USD", "date": "2026-03-05", "merchant": "The Cafe"}
    await hugh.submit(page.form("/confirm"), typed)
    assert "The picture is gone" in (await shows(hugh, path, "completed")).text


async def test_what_is_left_for_later_comes_once(at_desk: AtDesk) -> None:
    lars = await at_desk.person("lars", Role.SUBMIT)
    paths = await uploaded(lars, unreadable(), unreadable(), unreadable())
    for path in paths:
        await shows(lars, path, "needs review")
    await eventually(lambda: lars.show("/desk/"), lambda page: set(paths) <= set(page.links))

    seen: list[str] = []
    at = (await lars.get("/desk/receipts/next")).goes_to
    while at.startswith("/desk/receipts/") and len(seen) < 4:
        seen.append(at.partition("?")[0])
        later = next(link for link in (await lars.show(at)).links if "/next?after=" in link)
        at = (await lars.get(later)).goes_to

    assert len(seen) == len(set(seen)) == 3
    assert at == "/desk/"
    assert "You have seen all receipts that wait" in (await lars.show(at)).text


async def test_a_duplicate_is_told_in_the_words_of_the_buttons(at_desk: AtDesk) -> None:
    gina = await at_desk.person("gina", Role.SUBMIT)
    first = cafe_receipt(next(TOTALS))
    for note, file in (("one", first), ("two", first + b"\n")):
        page = await gina.upload((f"{note}.pdf", file))
        (path,) = (link for link in page.links if link.startswith("/desk/receipts/"))
        page = await shows(gina, path, "completed" if note == "one" else "needs review")

    assert "if it is a duplicate, discard it; if it is another purchase, confirm it" in page.text
    assert "cancel it" not in page.text
    answer = await gina.submit(page.form("/discard"))
    home = (await gina.get(answer.goes_to)).goes_to
    assert "at Corner Cafe: nothing was saved." in (await gina.show(home)).text


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
