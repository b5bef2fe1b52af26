"""A shorter way to the routes that are asked all the time: half of a request was the framework."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from aiproxy_desktop.server.asgi import App, Receive, Scope, Send

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

# Their functions take the request alone, read their JSON themselves, and raise nothing of the framework's.
_ASKED_OFTEN = frozenset({"/v1/chat/completions", "/api/chat/completions", "/v1/responses"})


class Lanes:
    """Calls the function of such a route; everything else, and the description of all, is the framework's."""

    def __init__(self, app: App, routers: Iterable[APIRouter]) -> None:
        """Describe it.

        Args:
            app: answers everything.
            routers: whose routes are in it.
        """
        self._app = app
        self._lanes: dict[tuple[str, str], Endpoint] = {
            (method, route.path): route.endpoint
            for router in routers
            for route in router.routes
            if isinstance(route, APIRoute) and route.path in _ASKED_OFTEN
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what a route raises is for whoever calls."""
        endpoint = self._lanes.get((scope.get("method", ""), scope["path"]))
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive))
        await response(scope, receive, send)
