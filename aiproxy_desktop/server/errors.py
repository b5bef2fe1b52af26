"""Failures as answers: OpenAI's shape below /v1, the seed's below /api. Never a traceback, never a key."""

from __future__ import annotations

from typing import Any

import msgspec

from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    ConfigurationError,
    ContentBlockedError,
    LocalModelError,
    ModelNotFoundError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    RequestError,
    RequestTooLargeError,
    UnknownModelError,
)


class Refusal(Exception):  # noqa: N818 - it is what the server answers, not what went wrong in it
    """What a client is told instead of an answer."""

    def __init__(
        self,
        status: int,
        sentence: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        """Describe it.

        Args:
            status: HTTP's.
            sentence: what is wrong, and what to do.
            kind: OpenAI's `type` of error.
            code: OpenAI's `code`.
            param: the field that is wrong.
            headers: of the answer, besides the usual ones.
        """
        super().__init__(sentence)
        self.status, self.sentence, self.kind, self.code, self.param = status, sentence, kind, code, param
        self.headers = headers

    @property
    def body(self) -> dict[str, Any]:
        """As OpenAI has it; `detail` is where the seed's clients look."""
        error = {"message": self.sentence, "type": self.kind, "param": self.param, "code": self.code}
        return {"error": error, "detail": self.sentence}

    @property
    def encoded(self) -> bytes:
        """The body as JSON."""
        return msgspec.json.encode(self.body)


# What nobody has to look for in the log.
FORESEEN = (Refusal, AIProxyError)

# The first that fits. OpenAI's types and codes, so that its clients raise what they would with OpenAI.
_KINDS: tuple[tuple[type[AIProxyError], int, str, str | None], ...] = (
    (UnknownModelError, 404, "invalid_request_error", "model_not_found"),
    (ModelNotFoundError, 404, "invalid_request_error", "model_not_found"),
    (RequestTooLargeError, 400, "invalid_request_error", "context_length_exceeded"),
    (ContentBlockedError, 400, "invalid_request_error", "content_policy_violation"),
    (QuotaError, 429, "insufficient_quota", "insufficient_quota"),
    (RateLimitError, 429, "rate_limit_error", "rate_limit_exceeded"),
    # The provider's key is ours to mend, not the client's: 401 would say that the client's own is wrong.
    (AuthenticationError, 502, "server_error", "provider_refused_key"),
    (ConfigurationError, 503, "server_error", "provider_not_configured"),
    (RequestError, 400, "invalid_request_error", None),
    (ProviderTimeoutError, 504, "server_error", "provider_timeout"),
    (LocalModelError, 503, "server_error", None),
    (AIProxyError, 502, "server_error", None),
)


def refusal(error: BaseException) -> Refusal:
    """What a client is told of a failure: its sentence; of one that nobody foresaw, nothing."""
    if isinstance(error, Refusal):
        return error
    if not isinstance(error, AIProxyError):
        return unexpected()
    status, kind, code = next(row[1:] for row in _KINDS if isinstance(error, row[0]))
    headers: tuple[tuple[str, str], ...] = ()
    if error.retry_after is not None and status in {429, 503}:
        headers = (("retry-after", str(max(1, round(error.retry_after)))),)
    if not error.retryable and status >= 429:
        # What OpenAI's own clients ask for (`_should_retry` of openai-python): these statuses they try again.
        headers = (*headers, ("x-should-retry", "false"))
    param = "model" if code == "model_not_found" else None
    return Refusal(status, str(error), kind=kind, code=code, param=param, headers=headers)


def unexpected() -> Refusal:
    """What a client is told of what nobody planned for; the log knows more."""
    return Refusal(500, "Something in the server went wrong. Its log says what.", kind="server_error")
