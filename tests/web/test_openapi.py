"""The OpenAPI document says what the door does, and the door does what it says."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from config import Settings
from service.orders.document import parse_order
from tests.fuzz.fuzzing import fuzz
from tests.support.http_door import Door, Person
from web.api import answers, examples, order_actions, review
from web.app import create_app
from web.problems import ProblemDetails


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return create_app(Settings()).openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def test_it_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    # Here, because every process of the suite collects this file.
    from openapi_spec_validator import validate

    validate(document)
    names = [operation["operationId"] for _, operation in operations(document)]
    assert len(names) == len(set(names)) == 30


def test_every_body_and_every_object_of_an_answer_has_an_example(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, operation in operations(document):
        for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
            if "json" in media_type:
                assert body["examples"], name
        for one in operation.get("parameters", []):
            if one["required"]:
                assert one["schema"]["examples"], name
        for answer in operation["responses"].values():
            schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
            for choice in schema.get("anyOf", [schema]):
                if choice:
                    assert schemas[choice["$ref"].rpartition("/")[2]]["examples"], name


def test_every_example_is_one() -> None:
    known = {
        **vars(answers),
        **vars(order_actions),
        **vars(review),
        "ProblemDetails": ProblemDetails,
    }
    for name, example in examples.EXAMPLES.items():
        known[name].model_validate(example)
        fields = known[name].model_fields.items()
        assert set(example) <= {field.alias or own for own, field in fields}, name
    assert parse_order(json.dumps(examples.ORDER).encode()).order_id == "7"


def test_links_lead_to_calls_by_fields_that_answers_have(document: dict[str, Any]) -> None:
    schemas, linked = document["components"]["schemas"], set()
    calls = {operation["operationId"]: operation for _, operation in operations(document)}
    for name, operation in operations(document):
        for answer in operation["responses"].values():
            for link in answer.get("links", {}).values():
                linked.add(link["operationId"])
                ((parameter, field),) = link["parameters"].items()
                taken = {one["name"] for one in calls[link["operationId"]]["parameters"]}
                assert parameter in taken, name
                schema = answer["content"]["application/json"]["schema"]
                names = [one["$ref"] for one in schema.get("anyOf", [schema])]
                objects = [schemas[one.rpartition("/")[2]] for one in names]
                pointer = field.removeprefix("$response.body#/")
                assert any(pointer in one["properties"] for one in objects), name
    assert {"getOrder", "approve", "getReceipt", "correctReceipt", "getExpenses"} <= linked


class _Named(HTMLParser):
    """Collects what a page makes a browser load, and where it leads."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.addresses += [
            value or "" for name, value in attrs if name in {"src", "href", "action", "data"}
        ]


async def test_the_docs_page_shows_every_call_and_names_no_other_host(
    door: Door, session: aiohttp.ClientSession, document: dict[str, Any]
) -> None:
    anybody = Person(door.url, None, session)
    page = await anybody.get("/docs")

    assert page.status == 200
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for name, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in page.text, name
    named = _Named()
    named.feed(page.text)
    assert [one for one in named.addresses if urlsplit(one).netloc] == []
    styles = [one for one in named.addresses if one.endswith((".css", ".js", ".svg"))]
    loaded = [page.text, *[(await anybody.get(one)).text for one in styles]]
    hosts = {host for text in loaded for host in re.findall(r"\bhttps?://([^/\s\"'<>&]+)", text)}
    assert hosts <= {urlsplit(anybody.url).netloc, "www.w3.org"}  # SVG's name, which nobody loads


def test_every_call_is_answered_as_documented(
    door: Door, tmp_path_factory: pytest.TempPathFactory
) -> None:
    options = ("--phases", "examples,fuzzing", "--max-examples", "1")
    fuzzed = fuzz(door, tmp_path_factory.mktemp("calls"), *options, of_each=1)

    assert fuzzed.code == 0, fuzzed.said
    assert fuzzed.cases >= 30
    assert fuzzed.are_answers, fuzzed.statuses
