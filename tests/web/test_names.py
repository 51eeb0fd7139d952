"""Two runs that one name may mean: what is shown is acted on, and nobody hides another's."""

from typing import Any

from models import Role
from tests.support.browser import AtDesk
from tests.support.http_door import Person, Reply
from tests.support.pdf_files import cafe_receipt
from tests.support.terminal import Terminal
from tests.web.test_desk_orders import inbox_with
from tests.web.test_orders import camel_case, stands

LARGE, LARGER = 60_000, 999_900


async def posted(person: Person, order_id: str, cents: int) -> Any:
    reply = await person.post("/orders", camel_case(order_id, cents))
    assert reply.status == 202, reply
    return reply.body


async def test_a_click_decides_on_the_order_that_it_shows(
    ada: Person, bob: Person, olga: Person, at_desk: AtDesk
) -> None:
    await posted(ada, "order-1001", LARGE)
    await posted(bob, "1001", LARGER)
    dave = await at_desk.person("dave", Role.APPROVE)
    page = await inbox_with(dave, "order order-1001", "order 1001")
    form = page.form("/approvals").fields

    await dave.post("/desk/approvals", {**form, "order": "order-1001", "verdict": "approve"})

    approved = await stands(olga, "order-order-1001", status="waiting_for_business_day")
    assert (approved["orderId"], approved["approval"]["decidedBy"]) == ("order-1001", "dave")
    assert (await olga.get("/orders/1001")).body["status"] == "awaiting_approval"
    shown = await dave.show("/desk/orders/1001")
    assert "19,998.00 USD" in shown.text


async def test_whose_name_means_two_orders_is_refused_where_both_are_seen(
    ada: Person, bob: Person, grace: Person
) -> None:
    await posted(ada, "order-1002", LARGE)
    await posted(bob, "1002", LARGER)

    assert (await ada.get("/orders/order-1002")).body["orderId"] == "order-1002"
    assert (await bob.get("/orders/order-1002")).body["orderId"] == "1002"
    said = (await grace.post("/orders/order-1002/approve")).problem(409)
    assert said == "'order-1002' may mean order-1002 or order-order-1002: say which"
    decided = await grace.post("/orders/order-order-1002/approve")
    assert (decided.status, decided.body["orderId"]) == (200, "order-1002")


async def test_an_order_hides_no_receipt(ada: Person, bob: Person, shop: Terminal) -> None:
    receipt = (await ada.post("/receipts", data=cafe_receipt(45_670))).body["receiptId"]
    await posted(bob, receipt, LARGE)

    assert (await ada.get(f"/receipts/{receipt}")).body["receiptId"] == receipt
    assert (await bob.get(f"/orders/{receipt}")).body["orderId"] == receipt
    status = shop.starter("status", receipt)
    assert status.code != 0
    assert f"receipt-{receipt}" in status.err


async def test_who_may_not_see_an_order_learns_nothing_of_its_content(
    ada: Person, bob: Person
) -> None:
    order = camel_case("of-ada", LARGE)
    assert (await ada.post("/orders", order)).status == 202
    guesses = [{**order, "customerId": "cus_8"}, {**order, "paymentToken": "tok_mastercard"}]

    async def said(person: Person) -> list[str]:
        replies: list[Reply] = [await person.post("/orders", guess) for guess in guesses]
        return [reply.problem(409) for reply in replies]

    assert len(set(await said(bob))) == 1
    assert ["customerId" in words for words in await said(ada)] == [True, False]
