"""Gemini's generateContent in bytes: a row of the parity matrix."""

from __future__ import annotations

from typing import Any

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.providers.gemini import GeminiProvider
from aiproxy_desktop.core.providers.gemini_decoding import GenerateContentDecoder
from tests.dialects.base import Dialect, sse


def _gemini_chunk(parts: list[Any], reason: str | None = None, **more: Any) -> bytes:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    return sse({"candidates": [candidate], "modelVersion": "m", **more})


def _gemini_finish(reason: str) -> bytes:
    usage = {
        "promptTokenCount": 11,
        "candidatesTokenCount": 4,
        "thoughtsTokenCount": 3,
        "totalTokenCount": 18,
    }
    names = {"stop": "STOP", "length": "MAX_TOKENS"}
    return _gemini_chunk([{"text": ""}], names[reason], usageMetadata=usage)


def _gemini_error(status: int, message: str, code: str) -> Any:
    names = {
        "key": "INVALID_ARGUMENT",
        "model": "NOT_FOUND",
        "rate": "RESOURCE_EXHAUSTED",
        "server": "INTERNAL",
        "context": "INVALID_ARGUMENT",
    }
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}]
    messages = {
        "model": "models/m is not found for API version v1beta.",
        "context": "The input token count (1000001) exceeds the maximum number of tokens allowed (1000000).",
    }
    error: dict[str, Any] = {
        "code": status,
        "message": messages.get(code, "") + message,
        "status": names[code],
    }
    return {"error": {**error, "details": details} if code == "key" else error}


GEMINI = Dialect(
    name="gemini",
    path="/v1beta/models/m:streamGenerateContent?alt=sse",
    key_header="x-goog-api-key",
    build=lambda http, url, key: GeminiProvider(
        http, StaticCredentials({"gemini": key} if key is not None else {}), url
    ),
    decoder=GenerateContentDecoder,
    text=lambda text: _gemini_chunk([{"text": text}]),
    reasoning=lambda text: _gemini_chunk([{"text": text, "thought": True}]),
    finish=_gemini_finish,
    error_body=_gemini_error,
    error_frame=lambda message: sse({"error": {"code": 503, "message": message, "status": "UNAVAILABLE"}}),
    blocked=(sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "modelVersion": "m"}),),
    models={
        "models": [
            {
                "name": "models/gemini-3.8-flash",
                "supportedGenerationMethods": ["generateContent", "countTokens"],
            },
            {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]},
        ]
    },
)
