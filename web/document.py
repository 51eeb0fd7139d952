"""The OpenAPI document: what the framework finds in the routes, and what it cannot find there.

That is what an order looks like, which is read by hand; what errors look like, which no route
returns by itself; the fields that limits add to every answer; and an example of everything.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic.alias_generators import to_camel

from models import Order
from web.api.examples import EXAMPLES, ORDER
from web.api.orders import ORDER_SCHEMA
from web.problems import ProblemDetails

_REFERENCE = "#/components/schemas/{model}"

_NOT_WITHOUT_A_KEY = ("400", "401", "422")
"""What only routes answer that want a key."""

_OTHER_SCHEME = "APIKeyHeader"
_API_KEY = {"type": "apiKey", "in": "header", "name": "X-Api-Key", "description": "An access key"}

_HEADERS = {
    "RateLimit": 'How many requests are left, and seconds until then: `"default";r=29999;t=42`.',
    "RateLimit-Policy": 'How many requests an address may make: `"default";q=30000;w=60`.',
    "Retry-After": "Seconds after which to ask again.",
    "WWW-Authenticate": "How to send a key.",
    "Location": "Where the run stands.",
}
_OF_STATUS = {
    str(HTTPStatus.UNAUTHORIZED.value): "WWW-Authenticate",
    str(HTTPStatus.TOO_MANY_REQUESTS.value): "Retry-After",
    str(HTTPStatus.SERVICE_UNAVAILABLE.value): "Retry-After",
}
"""Fields that every answer of a status has."""


def operation_id(route: APIRoute) -> str:
    """Return the name that generated clients give a call: that of its function."""
    return to_camel(route.name)


def describe(app: FastAPI) -> None:
    """Let an application describe itself with all that its routes do not say."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes
    )
    parts = made["components"]
    parts["schemas"] |= {**_schemas_of(ProblemDetails), **_orders()}
    for name, example in EXAMPLES.items():
        parts["schemas"][name]["examples"] = [example]
    parts["headers"] = {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in _HEADERS.items()
    }
    parts["securitySchemes"][_OTHER_SCHEME] = _API_KEY
    for path in made["paths"].values():
        for operation in path.values():
            _complete(operation)
    return made


def _complete(operation: dict[str, Any]) -> None:
    for body in operation.get("requestBody", {}).get("content", {}).values():
        named = str(body["schema"].get("$ref", "")).rpartition("/")[2]
        if named in EXAMPLES:
            body.setdefault("examples", {"example": {"value": EXAMPLES[named]}})
    answers = operation["responses"] = dict(sorted(operation["responses"].items()))
    if "security" in operation:
        operation["security"].append({_OTHER_SCHEME: []})
    else:
        for status in _NOT_WITHOUT_A_KEY:
            answers.pop(status, None)
    for status, answer in answers.items():
        headers = answer.setdefault("headers", {})
        for name in ("RateLimit", "RateLimit-Policy"):
            headers[name] = {"$ref": f"#/components/headers/{name}"}
        if name := _OF_STATUS.get(status, ""):
            described = {"description": _HEADERS[name], "schema": {"type": "string"}}
            headers[name] = {**described, "required": True}


def _schemas_of(model: Any) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REFERENCE)
    return {**schema.pop("$defs", {}), model.__name__: schema}


def _orders() -> dict[str, Any]:
    """Return the schema of an order as it is posted: fields in camelCase, and perhaps without id.

    What no schema can say is that the total is above 0, and has to be at most the largest amount.
    """
    described: dict[str, dict[str, Any]] = {}
    for name, schema in _schemas_of(Order).items():
        fields = {to_camel(field): about for field, about in schema["properties"].items()}
        for about in fields.values():
            about.pop("title", None)
        wanted = [to_camel(field) for field in schema["required"] if field != "order_id"]
        described[name] = {
            "title": name,
            "type": "object",
            "properties": fields,
            "required": wanted,
            "additionalProperties": False,
        }
    posted = described.pop(Order.__name__)
    posted["properties"]["orderId"]["description"] = "May be left out with an Idempotency-Key."
    posted["properties"]["items"]["description"] = "Their total must be above 0."
    return {**described, ORDER_SCHEMA: {**posted, "title": ORDER_SCHEMA, "examples": [ORDER]}}
