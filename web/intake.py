"""The routes by which all work comes in: what the framework would look for in each costs too much.

It looks in the path, the query, the fields and the cookies for each thing that a route depends on:
a fifth of what the application takes to accept an order.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from web.backend import backend_of
from web.callers import caller_of
from web.texts import usable_address


class IntakeRoute(APIRoute):
    """A route whose function takes the request, the backend and the caller, in this order.

    What it takes besides are optional fields of the head, and a request that has one of them is
    left to the framework. So is the OpenAPI document: it describes what the function declares.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        by_framework = super().get_route_handler()
        fields = [field.alias for field in self.dependant.header_params]

        async def handle(request: Request) -> Response:
            if any(field in request.headers for field in fields):
                return await by_framework(request)
            await usable_address(request)
            answer: Response = await self.endpoint(
                request, backend_of(request), await caller_of(request)
            )
            return answer

        return handle
