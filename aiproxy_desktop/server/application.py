"""The local API as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.server.backend import ApiBackend
from aiproxy_desktop.server.errors import Refusal, refusal, unexpected
from aiproxy_desktop.server.gemini_ws import live_routes
from aiproxy_desktop.server.guard import Guard
from aiproxy_desktop.server.seed_routes import seed_routes
from aiproxy_desktop.server.v1_chat import chat_routes
from aiproxy_desktop.server.v1_models import model_routes

_SENTENCES = {
    404: "There is nothing at this address. The routes are in /openapi.json.",
    405: "This address does not take that method. The routes are in /openapi.json.",
}


def build_application(backend: ApiBackend) -> Guard:
    """Every route, behind the guard."""
    app = FastAPI(
        title="AI Proxy Desktop",
        version=backend.version,
        docs_url=None,  # its page would come from elsewhere
        redoc_url=None,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # an address is right or it is not; and bodies are not sent twice
    )
    app.include_router(seed_routes(backend))
    app.include_router(chat_routes(backend))
    app.include_router(model_routes(backend))
    app.include_router(live_routes(backend))
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(AIProxyError, _failed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)
    return Guard(app, backend)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return _answer(error)


async def _failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AIProxyError)
    return _answer(refusal(error))


async def _http(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _SENTENCES.get(error.status_code, str(error.detail))
    headers = tuple((error.headers or {}).items())
    return _answer(Refusal(error.status_code, sentence, headers=headers))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0] if error.errors() else {}
    name = ".".join(str(one) for one in first.get("loc", ())[1:]) or None
    told = f"The field “{name}” cannot be used" if name else "The request cannot be used"
    return _answer(Refusal(400, f"{told}: {first.get('msg', 'it is not as described')}.", param=name))


async def _unexpected(_request: Request, _error: Exception) -> Response:
    return _answer(unexpected())  # which goes on to the guard, and from there into the log


def _answer(no: Refusal) -> Response:
    return Response(no.encoded, no.status, dict(no.headers), "application/json")
