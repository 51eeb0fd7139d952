"""Links of the OpenAPI document: what can be done next with an id that an answer has."""

from typing import Any


def links(id_at: str, *operations: str) -> dict[str, Any]:
    """Return links to operations whose ``id`` is at this JSON Pointer of the answer's body."""
    return _links(operations, "id", id_at)


def next_page(operation: str) -> dict[str, Any]:
    """Return the link from a page to the next one."""
    return _links([operation], "cursor", "/nextCursor")


def _links(operations: Any, parameter: str, pointer: str) -> dict[str, Any]:
    return {
        "links": {
            operation: {
                "operationId": operation,
                "parameters": {parameter: f"$response.body#{pointer}"},
            }
            for operation in operations
        }
    }
