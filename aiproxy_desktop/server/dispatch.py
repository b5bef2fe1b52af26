"""The way from a request to its route.

FastAPI's own way serves dependencies, parameters and models, none of which the busiest routes have: these
take the request and give an answer. They are called directly, which saves a fifth of the time of a small
request. Whatever else there is, a wrong method or an address that is none, goes FastAPI's way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TypeAlias

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

_Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Dispatch:
    """An ASGI application over a FastAPI application. Raises what a route raises that is called directly."""

    def __init__(self, app: FastAPI, routers: Iterable[APIRouter]) -> None:
        """Take routers in.

        Args:
            app: gets all of them.
            routers: under no prefix.
        """
        self._app = app
        self._direct: dict[tuple[str, str], _Endpoint] = {}
        for router in routers:
            app.include_router(router)
            for route in router.routes:
                if isinstance(route, APIRoute) and _takes_the_request_alone(route):
                    self._direct |= {(method, route.path): route.endpoint for method in route.methods or ()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hold a conversation."""
        endpoint = self._direct.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)


def _takes_the_request_alone(route: APIRoute) -> bool:
    asked = route.dependant
    parameters = (
        *(asked.path_params, asked.query_params, asked.header_params, asked.cookie_params),
        *(asked.body_params, asked.dependencies),
    )
    others = (asked.response_param_name, asked.background_tasks_param_name, asked.security_scopes_param_name)
    plain = not any(parameters) and not any(others) and route.response_model is None
    return plain and asked.request_param_name is not None and "{" not in route.path
