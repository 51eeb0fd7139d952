"""The OpenAPI document: what the framework finds in the routes, and what errors look like."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from web.problems import ProblemDetails

_REFERENCE = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let an application describe its errors, which no route returns by itself."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(
                title=app.title,
                version=app.version,
                description=app.description,
                routes=app.routes,
            )
            problem = ProblemDetails.model_json_schema(ref_template=_REFERENCE)
            parts = problem.pop("$defs", {})
            made["components"]["schemas"] |= {**parts, ProblemDetails.__name__: problem}
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
