"""Receipts and expenses over HTTP: pictures in, expenses out, nobody else's seen."""

import asyncio
import csv
import io
import itertools
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.http_door import Person
from tests.support.pdf_files import cafe_receipt, printed_pdf
from tests.support.terminal import Terminal

TOTALS = itertools.count(1_000)
UNREADABLE = printed_pdf([("Corner Cafe", ""), ("04.03.2026", ""), ("the total is gone", "")])


def receipt() -> bytes:
    """Return a receipt that nobody has submitted before."""
    return cafe_receipt(next(TOTALS))


async def stands(person: Person, receipt_id: str, **wanted: object) -> Any:
    async with asyncio.timeout(120):
        while True:
            reply = await person.get(f"/receipts/{receipt_id}?wait=5")
            assert reply.status == 200, reply
            if {name: reply.body[name] for name in wanted} == wanted:
                return reply.body


async def test_a_picture_becomes_an_expense(ada: Person, bob: Person, olga: Person) -> None:
    picture = receipt()
    posted = await ada.post("/receipts", data=picture)
    assert posted.status == 202
    receipt_id = posted.body["receiptId"]
    assert posted.headers["Location"] == f"/receipts/{receipt_id}"
    assert posted.body["status"] == "processing"

    again = await ada.post("/receipts", data=picture)
    assert (again.status, again.body["runId"]) == (202, posted.body["runId"])
    assert again.body["joined"] is True

    done = await stands(ada, receipt_id, status="completed")
    assert done["fields"]["merchant"] == "Corner Cafe"
    expenses = (await ada.get("/expenses")).body["items"]
    assert done["expenseId"] in {one["expenseId"] for one in expenses}
    assert (await bob.get(f"/receipts/{receipt_id}")).status == 404
    assert (await bob.get("/expenses")).body["items"] == []
    assert (await olga.get(f"/receipts/{receipt_id}")).status == 200


async def test_many_files_of_a_form_each_with_its_answer(ada: Person) -> None:
    form = aiohttp.FormData()
    form.add_field("file", receipt(), filename="one.pdf", content_type="application/pdf")
    form.add_field("file", b"no picture", filename="two.txt", content_type="text/plain")
    form.add_field("file", receipt(), filename="three.pdf", content_type="application/pdf")

    reply = await ada.post("/receipts", data=form)

    assert reply.status == 202
    answers = reply.body["receipts"]
    assert [one["file"] for one in answers] == ["one.pdf", "two.txt", "three.pdf"]
    assert [one["status"] for one in answers] == ["processing", "refused", "processing"]
    assert "JPEG" in answers[1]["detail"]


async def test_for_whom_files_are_posted(ada: Person, olga: Person) -> None:
    def form(user: str) -> aiohttp.FormData:
        made = aiohttp.FormData()
        made.add_field("userId", user)
        made.add_field("file", receipt(), filename="one.pdf", content_type="application/pdf")
        return made

    assert "only operators" in (await ada.post("/receipts", data=form("bob"))).problem(403)
    posted = await olga.post("/receipts", data=form("zoe"))
    assert posted.body["receiptId"].startswith("zoe-")
    assert "userId is" in (await olga.post("/receipts", data=form("a b"))).problem(400)
    assert "only operators" in (await ada.get("/receipts?userId=zoe")).problem(403)


async def test_what_is_no_receipt(ada: Person, shop: Terminal) -> None:
    most = shop.stack.settings.receipt_max_bytes
    assert "JPEG" in (await ada.post("/receipts", data=b"no picture")).problem(400)
    assert (await ada.post("/receipts", data=b"")).status == 400
    assert f"{most} bytes" in (
        await ada.post("/receipts", data=io.BytesIO(b"x" * (most + 1)))
    ).problem(413)
    empty = aiohttp.FormData({"notify": "x"}, default_to_multipart=True)
    assert "no file" in (await ada.post("/receipts", data=empty)).problem(400)
    broken = {"Content-Type": "multipart/form-data"}
    assert (await ada.post("/receipts", data=b"x", headers=broken)).problem(400)
    assert (await ada.get("/receipts/missing")).problem(404) == "there is no receipt 'missing'"


async def test_expenses_as_a_table_and_in_pages(
    ada: Person, olga: Person, shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "receipt.pdf"
    file.write_bytes(receipt())
    for user in ("pat", "pam"):
        assert shop.starter("receipt", str(file), "--user", user, "--wait").code == 0

    table = await olga.get("/expenses?format=csv")
    assert table.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {"pat", "pam"} <= {row["user_id"] for row in rows}

    found, cursor = [], ""
    while cursor is not None:
        reply = await olga.get(
            "/expenses", params={"limit": 1, **({"cursor": cursor} if cursor else {})}
        )
        found += [one["expenseId"] for one in reply.body["items"]]
        cursor = reply.body["nextCursor"]
    assert sorted(found) == sorted(row["expense_id"] for row in rows)
    pats = next(row["expense_id"] for row in rows if row["user_id"] == "pat")
    assert "cursor" in (await ada.get("/expenses", params={"cursor": pats})).problem(400)


async def test_a_receipt_in_review_is_corrected(ada: Person, bob: Person) -> None:
    posted = await ada.post("/receipts", data=UNREADABLE)
    receipt_id = posted.body["receiptId"]
    path = f"/receipts/{receipt_id}"
    waiting = await stands(ada, receipt_id, status="needs_review")
    assert waiting["waitingFor"] == "a correction"

    image = await ada.session.get(
        ada.url + f"{path}/image", headers={"Authorization": f"Bearer {ada.key}"}
    )
    assert image.headers["Content-Type"] == "image/jpeg"
    assert (await image.read())[:2] == b"\xff\xd8"
    assert (await bob.get(f"{path}/image")).status == 404
    assert (await bob.post(f"{path}/correct", {"total": "1.00"})).status == 404

    nul = {"total": "12.34", "merchant": "a\0b"}
    for wrong in ({}, {"total": "1.00", "totalCents": 100}, {"total": "a lot"}, nul):
        assert (await ada.post(f"{path}/correct", wrong)).status == 400
    by_another = {"total": "1.00", "correctedBy": "bob"}
    assert (await ada.post(f"{path}/correct", by_another)).status == 422
    currency = {"total": "-12.30", "currency": "EUR", "clear": ["merchant"]}
    assert (await ada.post(f"{path}/correct", currency)).status == 200
    done = await stands(ada, receipt_id, status="completed")
    assert (done["fields"]["totalCents"], done["correctedBy"]) == (-1230, "ada")
    assert done["fields"]["merchant"] is None
    assert (await ada.post(f"{path}/correct", currency)).status == 409


async def test_an_expense_is_corrected_and_deleted_by_its_user_or_an_operator(
    ada: Person, bob: Person, olga: Person
) -> None:
    posted = await ada.post("/receipts", data=receipt())
    done = await stands(ada, posted.body["receiptId"], status="completed")
    path = f"/expenses/{done['expenseId']}"

    assert "no expense" in (await bob.call("PATCH", path, json={"total": "1"})).problem(404)
    assert "no expense" in (await bob.call("DELETE", path)).problem(404)
    wrong = await ada.call("PATCH", path, json={"total": "much"})
    assert "total is 'much'" in wrong.problem(400)
    nul = await ada.call("PATCH", path, json={"merchant": "a\0b"})
    assert "a NUL character" in nul.problem(400)
    both = await ada.call("PATCH", path, json={"total": "1", "totalCents": 100})
    assert "totalCents" in both.problem(400)
    (await ada.call("PATCH", path, json={"correctedBy": "bob"})).problem(422)
    for name in ("totalCents", "total_cents"):
        reply = await ada.call("PATCH", path, json={name: "1"})
        assert name in reply.problem(422)
        assert [fault["pointer"] for fault in reply.body["errors"]] == [f"/{name}"]
        both = await ada.call("PATCH", path, json={"total": "1", name: 100})
        assert f"total and {name} say the same" in both.problem(400)
    no_json = await ada.call("PATCH", path, data=b"{")
    assert [fault["pointer"] for fault in no_json.body["errors"]] == [""]

    edited = await ada.call("PATCH", path, json={"total": "12.34", "merchant": "The Cafe"})
    assert edited.status == 200
    assert (edited.body["totalCents"], edited.body["merchant"]) == (1234, "The Cafe")
    assert edited.body["correctedBy"] == "ada"
    assert edited.body["date"] == done["fields"]["date"]
    both = await ada.call("PATCH", path, json={"clear": ["date"], "date": "2026-01-02"})
    assert "date is given and in clear" in both.problem(400)
    other_digits = await ada.call("PATCH", path, json={"currency": "JPY"})
    assert "say the total in JPY" in other_digits.problem(400)
    cleared = await ada.call("PATCH", path, json={"clear": ["merchant", "date"]})
    assert (cleared.body["merchant"], cleared.body["date"]) == (None, None)
    assert cleared.body["totalCents"] == 1234
    (await ada.call("PATCH", path, json={"clear": ["total"]})).problem(422)

    assert (await olga.call("DELETE", path)).status == 204
    assert (await ada.call("DELETE", path)).status == 404
    listed = (await ada.get("/expenses?limit=200")).body["items"]
    assert done["expenseId"] not in {one["expenseId"] for one in listed}
    assert (await ada.get(f"/receipts/{posted.body['receiptId']}")).body["status"] == "completed"


async def test_the_log_has_what_an_expense_was_and_became(ada: Person, shop: Terminal) -> None:
    posted = await ada.post("/receipts", data=receipt())
    done = await stands(ada, posted.body["receiptId"], status="completed")
    path = f"/expenses/{done['expenseId']}"
    await ada.call("PATCH", path, json={"totalCents": 77})
    await ada.call("DELETE", path)

    rows = shop.starter("log", done["expenseId"], "--json").objects
    told = {(row["action"], row["outcome"]): row for row in rows}
    edited, deleted = told["edit_expense", "done"], told["delete_expense", "asked"]
    assert (edited["who"], edited["channel"]) == ("ada", "http")
    assert edited["before"]["total_cents"] == done["fields"]["totalCents"]
    assert edited["after"]["total_cents"] == 77
    assert deleted["before"]["total_cents"] == 77
    assert shop.starter("audit", "--json").code == 0
