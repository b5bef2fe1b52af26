"""Parts of OpenAI Realtime's events as values: arguments, tokens, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.failures import Refusal, failure
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.wire_reading import count_of, mapping_of, text_of
from aiproxy_desktop.core.redaction import Redactor


def arguments_of(text: Any) -> dict[str, Any] | None:
    """A call's arguments; None where they are no JSON object."""
    if not text_of(text).strip():
        return {}
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def usage_of(usage: Mapping[str, Any]) -> LiveUsage:
    """Tokens by kind (`RealtimeResponseUsage`)."""
    asked = mapping_of(usage.get("input_token_details"))
    answered = mapping_of(usage.get("output_token_details"))
    return LiveUsage(
        input_text=count_of(asked.get("text_tokens")),
        input_audio=count_of(asked.get("audio_tokens")),
        output_text=count_of(answered.get("text_tokens")),
        output_audio=count_of(answered.get("audio_tokens")),
        cached=count_of(asked.get("cached_tokens")),
        total=count_of(usage.get("total_tokens")),
    )


def error_of(error: Mapping[str, Any], provider: str, label: str) -> AIProxyError:
    """An error event: most are about something that was asked, and the session goes on."""
    codes = tuple(text_of(error.get(name)).lower() for name in ("code", "type") if text_of(error.get(name)))
    status = 400 if "invalid_request_error" in codes else None
    return failure(_refusal(error, codes), label=label, provider=provider, status=status)


def failed_answer(error: Mapping[str, Any], provider: str, label: str) -> AIProxyError:
    """Why an answer failed (`RealtimeResponseStatus.error`)."""
    codes = tuple(text_of(error.get(name)).lower() for name in ("code", "type") if text_of(error.get(name)))
    return failure(_refusal(error, codes), label=label, provider=provider)


def _refusal(error: Mapping[str, Any], codes: tuple[str, ...]) -> Refusal:
    return Refusal(Redactor()(text_of(error.get("message"))), codes, text_of(error.get("param")))
