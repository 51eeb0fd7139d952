"""``/docs``: the OpenAPI document as a page that people read.

Written here, because the usual viewers load a megabyte of script from somebody else's host, which
neither the content security policy nor a machine without internet lets through.
"""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from web.desk.pages import HEADERS, page

router = APIRouter(include_in_schema=False)

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "{} characters or more",
    "maxLength": "at most {} characters",
    "minItems": "{} or more",
    "maxItems": "at most {} of them",
    "pattern": "matching {}",
    "default": "{} if left out",
}


@dataclass(frozen=True)
class Field:
    """A parameter of a call, or a field of an object; ``kind`` is its type and its limits."""

    name: str
    kind: str
    words: str
    is_required: bool
    place: str = ""


@dataclass(frozen=True)
class Call:
    """One call, with a command that makes it, its answers, and the calls that may follow."""

    name: str
    method: str
    path: str
    words: str
    fields: list[Field]
    command: str
    answers: list[tuple[str, str, list[str]]]
    following: list[str]


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show every call with an example, and what each object in a body looks like."""
    document = request.app.openapi()
    calls: dict[str, list[Call]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            call = _call(str(request.base_url), method.upper(), path, operation)
            calls.setdefault(operation["tags"][0], []).append(call)
    schemas = document["components"]["schemas"]
    objects = {name: _object(schema) for name, schema in sorted(schemas.items())}
    shown = page(
        request, "reference.html", None, info=document["info"], calls=calls, objects=objects
    )
    shown.headers.update(HEADERS)
    return shown


def _call(base: str, method: str, path: str, operation: dict[str, Any]) -> Call:
    parameters = operation.get("parameters", [])
    answers = operation["responses"].items()
    return Call(
        name=operation["operationId"],
        method=method,
        path=path,
        words=operation["description"].replace("``", ""),
        fields=[
            Field(
                one["name"],
                _kind(one["schema"]),
                one.get("description", ""),
                one["required"],
                one["in"],
            )
            for one in parameters
        ],
        command=_command(base, method, path, operation),
        answers=[
            (status, answer["description"], sorted(_names_in(answer))) for status, answer in answers
        ],
        following=sorted({name for _, answer in answers for name in answer.get("links", {})}),
    )


def _command(base: str, method: str, path: str, operation: dict[str, Any]) -> str:
    """Return a command of a shell that makes the call, with its examples."""
    words = ["curl"]
    if "security" in operation:
        words += ["-H", "Authorization: Bearer KEY"]
    if method != "GET":
        words += ["-X", method]
    content = operation.get("requestBody", {}).get("content", {})
    for media_type, body in content.items():
        for example in _examples_of(body):
            text = example if isinstance(example, str) else json.dumps(example)
            words += ["-H", f"Content-Type: {media_type}", "--data-binary", text.strip()]
        if "multipart" in media_type:
            words += ["--form", "file=@receipt.jpg"]
    query = []
    for one in operation.get("parameters", []):
        example = next(iter(one["schema"].get("examples", [])), None)
        if one["in"] == "path":
            path = path.replace(f"{{{one['name']}}}", example or "ID")
        elif one["in"] == "query" and one["required"]:
            query.append(f"{one['name']}={example or 'ID'}")
    words.append(base.rstrip("/") + path + ("?" + "&".join(query) if query else ""))
    return shlex.join(words)


def _examples_of(body: dict[str, Any]) -> Iterator[Any]:
    for example in body.get("examples", {}).values():
        yield example["value"]


def _object(schema: dict[str, Any]) -> dict[str, Any]:
    required = schema.get("required", [])
    fields = [
        Field(name, _kind(about), about.get("description", ""), name in required)
        for name, about in schema.get("properties", {}).items()
    ]
    example = next(iter(schema.get("examples", [])), None)
    return {
        "words": schema.get("description", "").replace("``", ""),
        "kind": "" if fields else _kind(schema),
        "fields": fields,
        "example": json.dumps(example, indent=2) if example else "",
    }


def _kind(schema: dict[str, Any]) -> str:
    """Say in words what a value is."""
    if "$ref" in schema:
        return _name(schema)
    if choices := schema.get("anyOf"):
        return " or ".join(_kind(one) for one in choices)
    if values := schema.get("enum"):
        return "one of " + ", ".join(map(str, values))
    kind = str(schema.get("format") or schema.get("type", "anything"))
    if items := schema.get("items"):
        kind = f"list of {_kind(items)}"
    if isinstance(others := schema.get("additionalProperties"), dict):
        kind = f"object of {_kind(others)}"
    limits = [words.format(schema[name]) for name, words in _LIMITS.items() if name in schema]
    return ", ".join([kind, *limits])


def _names_in(part: Any) -> set[str]:
    """Return the schemas that a part of the document is made of."""
    if isinstance(part, list):
        return {name for one in part for name in _names_in(one)}
    if not isinstance(part, dict):
        return set()
    named = {_name(part)} if "/schemas/" in str(part.get("$ref")) else set()
    return named | _names_in(list(part.values()))


def _name(reference: dict[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]
