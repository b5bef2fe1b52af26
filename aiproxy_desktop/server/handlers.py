"""What becomes of an error that a route lets through: an answer in the shape of `errors`.

The guard comes to know of it by `scope["state"]["refusal"]`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.server.errors import Refusal, refusal

_SENTENCES = {
    404: "There is nothing at this address. OpenAI's routes begin with /v1; all are in /openapi.json.",
    405: "This address does not take that method. The routes are in /openapi.json.",
}


async def _failed(request: Request, error: Exception) -> Response:
    # What nobody planned for goes on to the guard, and from there into the log.
    return _answer(request, refusal(error))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = _SENTENCES.get(error.status_code, str(error.detail))
    headers = tuple((error.headers or {}).items())
    return _answer(request, Refusal(error.status_code, sentence, headers=headers))


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0] if error.errors() else {}
    name = ".".join(str(one) for one in first.get("loc", ())[1:]) or None
    told = f"The field “{name}” cannot be used" if name else "The request cannot be used"
    why = first.get("msg", "it is not as described")
    return _answer(request, Refusal(400, f"{told}: {why}.", param=name))


def _answer(request: Request, no: Refusal) -> Response:
    request.scope["state"]["refusal"] = no
    return Response(no.encoded, no.status, dict(no.headers), "application/json")


HANDLERS: Final[dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]]] = {
    Refusal: _failed,
    AIProxyError: _failed,
    HTTPException: _http,
    RequestValidationError: _invalid,
    Exception: _failed,
}
