"""What Google's client and websockets raise in a live session, as our own errors."""

from __future__ import annotations

import ssl

from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ProviderTimeoutError,
    UnreachableError,
)
from aiproxy_desktop.core.failures import Refusal, failure
from aiproxy_desktop.core.redaction import Redactor

LIVE_PROVIDER, LIVE_LABEL = "gemini", "Gemini"

# WebSocket close codes as HTTP statuses: what Gemini Live means by them (1007 and 1008 refuse the request,
# 1011 is a failure of its own).
_CLOSE_CODES = {1007: 400, 1008: 400, 1011: 500, 1013: 503}


def live_failure(error: Exception) -> AIProxyError:
    """The error for one raised in a session; nothing of its message is taken over unredacted."""
    if isinstance(error, AIProxyError):
        return error
    if isinstance(error, TimeoutError):
        return ProviderTimeoutError(f"{LIVE_LABEL} took too long", "Try again.", provider=LIVE_PROVIDER)
    code = getattr(error, "code", None)
    if isinstance(code, int):  # google.genai.errors.APIError; for a closed connection its close code
        message = Redactor()(str(getattr(error, "message", "") or ""))
        if code == 1000:
            return _broke_off()
        return failure(
            Refusal(message), label=LIVE_LABEL, provider=LIVE_PROVIDER, status=_CLOSE_CODES.get(code, code)
        )
    status = getattr(getattr(error, "response", None), "status_code", None)
    if isinstance(status, int):  # websockets.InvalidStatus: refused before the session began
        return failure(Refusal(), label=LIVE_LABEL, provider=LIVE_PROVIDER, status=status)
    if isinstance(error, OSError | ssl.SSLError):
        return UnreachableError(
            f"{LIVE_LABEL} cannot be reached", "Check the connection to the network.", provider=LIVE_PROVIDER
        )
    return _broke_off()


def _broke_off() -> InterruptedStreamError:
    return InterruptedStreamError(
        f"The session with {LIVE_LABEL} broke off", "Start it again.", provider=LIVE_PROVIDER
    )
