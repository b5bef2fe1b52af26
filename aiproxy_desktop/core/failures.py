"""What a refusal on the wire means: status, headers and error body to the error tree.

One classification serves every dialect, since vendors and compatible servers borrow each other's
codes. It is data: codes first, then phrases, then the status.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.errors import AIProxyError, RequestError

_CODES: dict[str, type[AIProxyError]] = {
    "insufficient_quota": errors.QuotaError,
    "insufficient_balance": errors.QuotaError,
    "billing_hard_limit_reached": errors.QuotaError,
    "billing_not_active": errors.QuotaError,
    "billing_error": errors.QuotaError,
    "context_length_exceeded": errors.RequestTooLargeError,
    "exceed_context_size_error": errors.RequestTooLargeError,
    "string_above_max_length": errors.RequestTooLargeError,
    "request_too_large": errors.RequestTooLargeError,
    "content_filter": errors.ContentBlockedError,
    "content_policy_violation": errors.ContentBlockedError,
    "moderation_blocked": errors.ContentBlockedError,
    # Azure's, for prompts of text and of images.
    "contentfilter": errors.ContentBlockedError,
    "responsibleaipolicyviolation": errors.ContentBlockedError,
    "invalid_api_key": errors.AuthenticationError,
    "api_key_invalid": errors.AuthenticationError,
    "authentication_error": errors.AuthenticationError,
    "unauthenticated": errors.AuthenticationError,
    "permission_denied": errors.AuthenticationError,
    "permission_error": errors.AuthenticationError,
    "model_not_found": errors.ModelNotFoundError,
    "rate_limit_exceeded": errors.RateLimitError,
    "rate_limit_error": errors.RateLimitError,
    "resource_exhausted": errors.RateLimitError,
    "server_error": errors.ProviderFailureError,
    "overloaded_error": errors.ProviderFailureError,
    "unavailable": errors.ProviderFailureError,
    "internal": errors.ProviderFailureError,
}

# Compiled when the first refusal is read.
_PHRASES: tuple[tuple[str, type[AIProxyError]], ...] = (
    (
        (
            r"context (?:length|limit|window|size)|maximum context|prompt is too long|too many tokens"
            r"|input token count .{0,40}exceeds"
        ),
        errors.RequestTooLargeError,
    ),
    (r"credit balance is too low|reached your .{0,40}usage limit", errors.QuotaError),
    (
        r"(?:invalid|incorrect) api key|api key (?:not valid|not found|expired)",
        errors.AuthenticationError,
    ),
    (
        r"model\b.{0,120}(?:not found|does not exist|not exist)|try pulling it",
        errors.ModelNotFoundError,
    ),
)

_STATUSES: dict[int, type[AIProxyError]] = {
    401: errors.AuthenticationError,
    402: errors.QuotaError,
    403: errors.AuthenticationError,
    408: errors.ProviderTimeoutError,
    413: errors.RequestTooLargeError,
    429: errors.RateLimitError,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error object of any dialect. `codes` are in lower case, most telling first."""

    message: str = ""
    codes: tuple[str, ...] = ()
    param: str = ""
    status: int | None = None
    retry_after: float | None = None


def read_refusal(body: bytes | Mapping[str, Any] | str) -> Refusal | None:
    """The error that a body holds in any dialect's shape; None where it holds none."""
    payload: Any = body
    if isinstance(body, bytes):
        try:
            payload = json.loads(body.decode("utf-8-sig", "replace"))
        except (ValueError, RecursionError):
            return None
    if isinstance(payload, list) and payload:
        payload = payload[0]
    if isinstance(payload, Mapping):
        payload = payload.get("error") or payload.get("detail") or payload.get("message")
    if isinstance(payload, str):
        return Refusal(payload)
    if not isinstance(payload, Mapping):
        return None
    message = payload.get("message") or payload.get("detail") or payload.get("error") or ""
    reasons, wait = _google_details(payload.get("details"))
    codes = [*reasons, *(payload.get(name) for name in ("code", "type", "status"))]
    number = next((code for code in codes if isinstance(code, int) and 400 <= code <= 599), None)
    return Refusal(
        message if isinstance(message, str) else json.dumps(message),
        tuple(code.lower() for code in codes if isinstance(code, str)),
        payload["param"] if isinstance(payload.get("param"), str) else "",
        number,
        wait,
    )


def failure(
    refusal: Refusal | None,
    *,
    label: str,
    provider: str,
    status: int | None = None,
    retry_after: float | None = None,
) -> AIProxyError:
    """The error for a refusal; `status` is that of the response, None in the middle of a stream."""
    refusal = refusal or Refusal()
    code = status or refusal.status
    wait = retry_after if retry_after is not None else refusal.retry_after
    kind = _kind(refusal, code)
    title, advice = _sentences(kind, label, code, wait, refusal.message)
    return kind(title, advice, provider=provider, status=code, retry_after=wait, detail=refusal.message)


def parse_retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait, from `retry-after-ms` or `Retry-After` (seconds or an HTTP date); never negative.

    `now` is the time of the clock on the wall, in seconds since the epoch.
    """
    milliseconds = _seconds(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "").strip()
    seconds = _seconds(text)
    if seconds is not None or not text:
        return seconds
    from datetime import UTC
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        # One of the three forms of a date (RFC 9110, 5.6.7) names no zone: all are Greenwich's.
        return max(0.0, (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _kind(refusal: Refusal, status: int | None) -> type[AIProxyError]:
    if status == 413:
        return errors.RequestTooLargeError
    for code in refusal.codes:
        if code in _CODES:
            return _CODES[code]
    words = refusal.message[:2000].lower()
    if status not in {401, 402, 403, 429}:
        for pattern, kind in _PHRASES:
            if re.search(pattern, words):
                return kind
    if status is None or status >= 500:
        return errors.ProviderFailureError
    if status in {404, 405, 410} and "model" not in words:
        return errors.InvalidEndpointError
    if status in {404, 410}:
        return errors.ModelNotFoundError
    return _STATUSES.get(status, RequestError)


def _sentences(
    kind: type[AIProxyError], label: str, status: int | None, wait: float | None, message: str
) -> tuple[str, str]:
    number = f" ({status})" if status else ""
    if kind is errors.RateLimitError:
        if wait is None:
            return f"{label} asks to slow down", f"Too many requests{number}. Wait a little, then try again."
        return f"{label} asks to wait {_duration(wait)}", f"Too many requests in the last minute{number}."
    if kind is errors.AuthenticationError and status == 403:
        return f"{label} refused access{number}", "The key is known but may not do this. Check its rights."
    if kind is RequestError:
        return f"{label} refused the request{number}", _sentence(message)
    title, advice = _WORDS[kind]
    if kind is errors.ContentBlockedError and message:
        words = _sentence(message)
        stop = "" if words.endswith((".", "!", "?", "…")) else "."
        advice = f"{words}{stop} {advice}"  # which rule it was decides what to write instead
    return title.format(label=label) + number, advice


_WORDS: dict[type[AIProxyError], tuple[str, str]] = {
    errors.AuthenticationError: (
        "{label} did not accept the key",
        "Check the key in Settings, or set another.",
    ),
    errors.QuotaError: ("There is no credit left at {label}", "Top up the account, or pick another model."),
    errors.RequestTooLargeError: (
        "The conversation is too long for this model",
        "Shorten it, start a new one, or pick a model with a larger context.",
    ),
    errors.ContentBlockedError: (
        "{label} blocked this content",
        "Put it in other words, or pick another model.",
    ),
    errors.ModelNotFoundError: (
        "{label} does not have this model",
        "Pick another one from the list of models.",
    ),
    errors.InvalidEndpointError: (
        "{label} has nothing at this address",
        "Check the base address in Settings; it often ends in /v1.",
    ),
    errors.ProviderTimeoutError: ("{label} took too long", "Try again in a moment."),
    errors.ProviderFailureError: ("{label} failed on its side", "Try again in a moment."),
}


def _google_details(details: Any) -> tuple[list[str], float | None]:
    """`reason` of ErrorInfo and `retryDelay` of RetryInfo (google.rpc error details)."""
    reasons: list[str] = []
    wait: float | None = None
    for item in details if isinstance(details, list) else ():
        if isinstance(item, Mapping):
            if isinstance(item.get("reason"), str):
                reasons.append(item["reason"])
            if isinstance(item.get("retryDelay"), str):
                wait = _seconds(item["retryDelay"].removesuffix("s"))
    return reasons, wait


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return max(0.0, value) if math.isfinite(value) else None


def _duration(seconds: float) -> str:
    whole = max(1, math.ceil(seconds))
    return f"{whole} s" if whole < 120 else f"{math.ceil(whole / 60)} min"


def _sentence(message: str) -> str:
    """A provider's own words as one bounded sentence that does nothing to a terminal."""
    words = "".join(char for char in " ".join(message[:2000].split()) if char.isprintable())
    if not words:
        return "It gave no reason."
    return words if len(words) <= 300 else words[:299] + "…"
