"""Orders over HTTP: every route, happy, wrong, forbidden, gone and twice."""

import asyncio
import io
import json
from typing import Any

import pytest

from tests.support.desk import eventually
from tests.support.http_door import Door, Person, Reply
from tests.support.terminal import Terminal, order_document

LARGE = 60_000


def camel_case(order_id: str, cents: int = 1_450) -> dict[str, Any]:
    item = {"sku": "mug", "quantity": 2, "unitPriceCents": cents}
    return {
        "orderId": order_id,
        "customerId": "cus_7",
        "customerEmail": f"{order_id}@customers.example",
        "paymentToken": "tok_visa",
        "items": [item],
    }


async def stands(person: Person, order_id: str, **wanted: object) -> Any:
    """Hold the answer again and again until an order has these values."""
    async with asyncio.timeout(60):
        while True:
            reply = await person.get(f"/orders/{order_id}?wait=5")
            assert reply.status == 200, reply
            if {name: reply.body[name] for name in wanted} == wanted:
                return reply.body


async def test_an_order_goes_its_way(ada: Person, olga: Person, shop: Terminal) -> None:
    posted = await ada.post("/orders", camel_case("http-1"))
    assert posted.status == 202
    assert posted.headers["Location"] == "/orders/order-http-1"
    assert posted.body["instanceId"] == "order-http-1"
    assert posted.body["status"] == "processing"

    again = await ada.post("/orders", camel_case("http-1"))
    assert (again.status, again.body["runId"]) == (200, posted.body["runId"])
    snake = await ada.post("/orders", {**order_document("http-1")})
    assert "(other customer_id" in snake.problem(409)
    camel = await ada.post("/orders", {**camel_case("http-1"), "customerId": "other"})
    assert "other content (other customerId)" in camel.problem(409)

    waiting = await stands(ada, "http-1", status="waiting_for_business_day")
    assert waiting["waitingFor"] == "the next business day"
    assert waiting["submittedBy"] == "ada"
    assert waiting["total"] == "29.00 USD"
    assert (await olga.post("/orders/http-1/expedite")).status == 200
    done = await stands(ada, "http-1", status="completed")
    assert done["shipmentId"]
    assert shop.keys("charges", "http-1") == ["order-http-1:charge"]


async def test_the_forms_in_which_this_shape_is_usually_called(
    ada: Person, grace: Person, olga: Person
) -> None:
    await ada.post("/orders", camel_case("shape", LARGE))
    await stands(ada, "shape", status="awaiting_approval")

    assert (await ada.get("/orders?id=shape")).body["instanceId"] == "order-shape"
    assert (await olga.post("/orders/pause?id=order-shape")).body["paused"] is True
    assert (await olga.post("/orders/resume?id=shape")).body["paused"] is False
    decided = await grace.post("/orders/approve?id=shape", {"approved": True})
    assert decided.status == 200
    assert decided.body["approval"] == {
        "approved": True,
        "decidedBy": "grace",
        "reason": "",
        "channel": "http",
    }
    late = await grace.post("/orders/shape/approve")
    assert "already approved by grace" in late.problem(409)


async def test_who_submitted_an_order_does_not_decide_on_it(
    ada: Person, grace: Person, olga: Person
) -> None:
    await grace.post("/orders", camel_case("own", LARGE))
    await stands(grace, "own", status="awaiting_approval")

    assert "grace submitted" in (await grace.post("/orders/own/approve")).problem(403)
    assert "approve is needed" in (await ada.post("/orders/own/reject")).problem(403)
    assert "decidedBy" in (await olga.post("/orders/own/approve", {"decidedBy": "grace"})).problem(
        422
    )
    rejected = await olga.post("/orders/own/reject", {"reason": "too dear"})
    assert rejected.body["approval"]["decidedBy"] == "olga"
    assert (await stands(grace, "own", status="rejected"))["reason"].endswith("too dear")


async def test_nobody_sees_the_order_of_another(ada: Person, bob: Person, olga: Person) -> None:
    await ada.post("/orders", camel_case("private"))

    hidden = (await bob.get("/orders/private")).problem(404)
    assert hidden.replace("private", "x") == (await bob.get("/orders/x")).problem(404)
    assert (await bob.post("/orders/private/cancel")).status == 403
    assert (await olga.get("/orders/private")).status == 200
    listed = (await bob.get("/orders")).body["items"]
    assert [one for one in listed if one["instanceId"] == "order-private"] == []


async def test_pages_of_a_list_have_each_order_once(ada: Person) -> None:
    for number in range(5):
        await ada.post("/orders", camel_case(f"page-{number}"))

    async def listed() -> list[str]:
        found, cursor = [], ""
        while cursor is not None:
            reply = await ada.get("/orders", params={"limit": 2, "cursor": cursor})
            assert reply.status == 200, reply
            assert len(reply.body["items"]) <= 2
            found += [one["instanceId"] for one in reply.body["items"]]
            cursor = reply.body["nextCursor"]
        return found

    wanted = {f"order-page-{number}" for number in range(5)}
    seen = await eventually(listed, lambda found: wanted <= set(found))
    # Of other tests, one may end between two pages.
    assert sorted(wanted) == sorted(one for one in seen if one in wanted)
    assert "cursor" in (await ada.get("/orders?cursor=nonsense")).problem(400)
    following = (await ada.get("/orders?limit=2")).body["nextCursor"]
    of_other_list = {"status": "completed", "cursor": following}
    assert "cursor" in (await ada.get("/orders", params=of_other_list)).problem(400)
    assert "status is 'lost'" in (await ada.get("/orders?status=lost")).problem(400)
    assert "customer is" in (await ada.get("/orders?customerId=a'b")).problem(400)


async def test_a_cancelled_order_is_undone(ada: Person, olga: Person) -> None:
    await ada.post("/orders", camel_case("undone"))
    await stands(ada, "undone", status="waiting_for_business_day")

    assert (await olga.post("/orders/undone/cancel")).status == 202
    undone = await stands(ada, "undone", status="cancelled")
    assert undone["refundId"]
    assert "is over" in (await olga.post("/orders/undone/cancel")).problem(409)

    plan = await olga.post("/orders/undone/retry", {"dryRun": True})
    assert plan.body["started"] is None
    assert plan.body["tryNumber"] == 2
    started = await olga.post("/orders/undone/retry", {"paymentToken": "tok_mastercard"})
    assert started.body["started"]["instanceId"] == "order-undone"
    again = await stands(ada, "undone", tryNumber=2, status="waiting_for_business_day")
    assert again["submittedBy"] == "ada"


async def test_a_bad_order_is_told_every_fault_by_field(ada: Person) -> None:
    order = {**camel_case("bad"), "currency": "XXX", "customerEmail": "nobody"}
    order["items"].append({"sku": "", "quantity": 0, "unitPriceCents": 1})

    reply = await ada.post("/orders", order)

    assert reply.problem(422).startswith("not an order: ")
    assert {fault["pointer"] for fault in reply.body["errors"]} == {
        "/customerEmail",
        "/currency",
        "/items/1/sku",
        "/items/1/quantity",
    }


async def test_faults_lead_to_the_fields_of_the_body_as_it_was_posted(ada: Person) -> None:
    for name, missing in (("unitPriceCents", "customerId"), ("unit_price_cents", "customer_id")):
        body = {"items": [{name: "a"}]}
        reply = await ada.post("/orders", body)
        said = reply.problem(422)
        pointers = {fault["pointer"] for fault in reply.body["errors"]}
        assert {f"/items/0/{name}", f"/{missing}"} <= pointers
        assert f"items.0.{name} is" in str(reply.body["errors"])
        assert "header Idempotency-Key" in said

        batch = await ada.post("/orders/batch", data=json.dumps(body).encode())
        line = json.loads(batch.text)
        assert {fault["pointer"] for fault in line["errors"]} == pointers
        assert "Idempotency-Key" not in line["detail"]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("approve", {"approved": "perhaps"}, "/approved"),
        ("reject", {"reason": 1}, "/reason"),
        ("retry", {"dryRun": "perhaps"}, "/dryRun"),
        ("retry", {"dry_run": "perhaps"}, "/dry_run"),
        ("retry", {"dry_run": False, "paymentTokn": ""}, "/paymentTokn"),
        ("approve", [], ""),
    ],
    ids=str,
)
async def test_faults_of_any_body_lead_to_its_fields(
    olga: Person, path: str, body: object, pointer: str
) -> None:
    reply = await olga.post(f"/orders/none/{path}", body)

    said = reply.problem(422)
    assert [fault["pointer"] for fault in reply.body["errors"]] == [pointer]
    assert said.startswith(f"{pointer[1:] or 'the body'}: ")


async def test_a_key_stands_for_an_order_without_an_id(ada: Person, bob: Person) -> None:
    order = camel_case("unused")
    del order["orderId"]

    async def post(person: Person, key: str, document: object = order) -> Reply:
        return await person.post("/orders", document, headers={"Idempotency-Key": key})

    first = await post(ada, '"cart-7"')
    assert first.status == 202
    again = await post(ada, '"cart-7"')
    assert (again.status, again.body["runId"]) == (200, first.body["runId"])
    other = {**order, "currency": "EUR"}
    assert "other content (other currency)" in (await post(ada, '"cart-7"', other)).problem(409)
    assert (await post(ada, '"cart-8"')).status == 202
    assert (await post(bob, '"cart-7"')).status == 202
    named = await post(ada, '"cart-7"', camel_case("named"))
    assert named.body["orderId"] == "named"
    assert "orderId is missing" in (await ada.post("/orders", order)).problem(422)
    assert "orderId is missing" not in (await post(ada, "k", {})).problem(422)


@pytest.mark.parametrize("key", ["", "k" * 256])
async def test_a_key_that_is_none_is_refused(ada: Person, key: str) -> None:
    reply = await ada.post("/orders", camel_case("keyed"), headers={"Idempotency-Key": key})
    assert reply.problem(422).startswith("idempotency-key: ")
    assert reply.body["errors"][0]["pointer"] == "/header/idempotency-key"


@pytest.mark.parametrize("path", ["/orders", "/receipts"])
async def test_an_address_is_looked_at_also_where_work_comes_in(ada: Person, path: str) -> None:
    assert "NUL" in (await ada.post(f"{path}?id=%00", camel_case("unread"))).problem(400)
    assert "NUL" in (await ada.post(f"{path}?%00=1", camel_case("unread"))).problem(400)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"null", b"[" * 100_000])
async def test_what_is_no_order_is_one_sentence(ada: Person, body: bytes) -> None:
    assert (await ada.post("/orders", data=body)).problem(422).startswith("not an order: ")


async def test_a_batch_has_an_answer_for_every_line(ada: Person) -> None:
    lines = [json.dumps(camel_case(f"batch-{number}")) for number in range(40)]
    lines[3] = "no order"
    lines[5] = ""
    lines[7] = "{" + " " * 300_000
    body = "\n".join(lines).encode()

    reply = await ada.post("/orders/batch", data=body)

    answers = {one["line"]: one for one in map(json.loads, reply.text.splitlines())}
    assert len(answers) == 39
    assert answers[4]["status"] == "refused"
    assert "more than 262144 bytes" in answers[8]["detail"]
    assert answers[1]["instanceId"] == "order-batch-0"
    again = [
        json.loads(one) for one in (await ada.post("/orders/batch", data=body)).text.splitlines()
    ]
    assert {one["joined"] for one in again if one["status"] != "refused"} == {True}


async def test_a_door_is_shut_without_a_key(door: Door, ada: Person) -> None:
    nobody = Person(door.url, None, ada.session)
    wrong = Person(door.url, "dpk_aaaaaaaaaaaa_" + "a" * 43, ada.session)

    for stranger in (nobody, wrong):
        reply: Reply = await stranger.get("/orders")
        assert "access key" in reply.problem(401)
        assert reply.headers["WWW-Authenticate"].startswith("Bearer")
    by_header = await nobody.get("/orders", headers={"X-Api-Key": ada.key})
    assert by_header.status == 200
    assert (await nobody.get("/healthz")).body["status"] == "ok"
    assert (await nobody.get("/readyz")).body["parts"] == {"temporal": "ok", "database": "ok"}


async def test_a_revoked_key_is_worth_nothing_at_once(
    door: Door, ada: Person, shop: Terminal
) -> None:
    added = shop.starter("keys", "add", "eve", "--role", "operate", "--json").object
    eve = Person(door.url, added["key"], ada.session)
    assert (await eve.get("/orders")).status == 200

    assert shop.starter("keys", "revoke", "eve").code == 0

    assert (await eve.get("/orders")).status == 401


async def test_what_is_not_there(ada: Person) -> None:
    assert "there is nothing at /nowhere" in (await ada.get("/nowhere")).problem(404)
    assert "DELETE is not possible" in (await ada.call("DELETE", "/orders")).problem(405)
    assert (await ada.get("/orders/missing")).problem(404) == "there is no order 'missing'"
    assert (await ada.post("/orders", data=io.BytesIO(b"x" * 1_100_000))).status == 413
    assert "wait" in (await ada.get("/orders/missing?wait=900")).problem(422)


async def test_the_document_describes_the_door(ada: Person) -> None:
    document = (await ada.get("/openapi.json")).body

    assert document["openapi"].startswith("3.1")
    assert "/orders/{id}/approve" in document["paths"]
    assert (await ada.get("/docs")).status == 200
