"""Google's Gemini: generateContent over server-sent events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.events import FinishReason, ReasoningDelta, StreamEvent, TextDelta, Usage
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.model_rules import GEMINI_NOT_CHAT, holds_word
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider, split_system
from aiproxy_desktop.core.wire_json import decode_json, encode_json

GEMINI_BASE_URL = "https://generativelanguage.googleapis.com"

# v1 knows neither system instructions nor thinking everywhere; v1beta holds all of v1.
_VERSION = "v1beta"
_MAX_PAGES = 10
_FINISH_REASONS: dict[str, FinishReason] = {"STOP": "stop", "MAX_TOKENS": "length"}
_BLOCKED = frozenset(
    {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"}
    | {"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION", "JAILBREAK"}
)
# The model tried something that was not asked for; asking again often helps.
_FAILED = frozenset(
    {
        "OTHER",
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "NO_IMAGE",
        "IMAGE_OTHER",
        "MALFORMED_RESPONSE",
    }
)


class GeminiProvider(HttpProvider):
    """Gemini with an API key, which goes into a header and never into the address."""

    def __init__(self, http: HttpClient, credentials: Credentials, base_url: str = GEMINI_BASE_URL) -> None:
        super().__init__("gemini", "Gemini", http)
        self._credentials = credentials
        self._base_url = base_url
        self._thinkers: frozenset[str] = frozenset()

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
        """
        kind, _, name = request.model.partition("/")
        if kind not in {"models", "tunedModels"}:
            kind, name = "models", request.model
        path = f"/{kind}/{quote(name, safe='')}:streamGenerateContent?alt=sse"
        return await self._call("POST", path, encode_json(self.completion_body(request)))

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body: the system text apart, then user and model turns in order."""
        system, turns = split_system(request.messages)
        config: dict[str, Any] = {}
        if request.temperature is not None:
            config["temperature"] = request.temperature
        if request.max_tokens is not None:
            config["maxOutputTokens"] = request.max_tokens
        if request.model in self._thinkers:
            config["thinkingConfig"] = {"includeThoughts": True}
        body: dict[str, Any] = {
            "contents": [
                {"role": "model" if turn.role == "assistant" else "user", "parts": [{"text": turn.text}]}
                for turn in turns
            ]
        }
        if system:
            body["systemInstruction"] = {"parts": [{"text": system}]}
        if config:
            body["generationConfig"] = config
        return body

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:  # noqa: ARG002  # one for all models
        """A fresh decoder for one answer."""
        return GenerateContentDecoder(fail)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that generate text. Which of them think is remembered for the calls to come.

        Raises:
            AIProxyError: and nothing else.
        """
        rows: list[Mapping[str, Any]] = []
        token = ""
        for _ in range(_MAX_PAGES):
            page = f"&pageToken={quote(token, safe='')}" if token else ""
            call = await self._call("GET", f"/models?pageSize=1000{page}", None)
            payload = decode_json(_any_decoder, await self._http.fetch(call))
            if not isinstance(payload, Mapping) or not isinstance(payload.get("models", []), list):
                raise self.unreadable_list()
            rows += [row for row in payload.get("models", []) if isinstance(row, Mapping)]
            token = payload.get("nextPageToken") or ""
            if not isinstance(token, str) or not token:
                break
        self._thinkers = frozenset(_name(row) for row in rows if row.get("thinking") is True)
        models = (self._model(row) for row in rows)
        return tuple(dict.fromkeys(model for model in models if model is not None))

    def _model(self, row: Mapping[str, Any]) -> ModelInfo | None:
        name = _name(row)
        methods = row.get("supportedGenerationMethods") or row.get("supportedActions")
        if not isinstance(methods, list) or "generateContent" not in methods:
            return None
        if not name or holds_word(name, GEMINI_NOT_CHAT):
            return None
        window, output = (
            size if isinstance(size, int) and size > 0 else None
            for size in (row.get("inputTokenLimit"), row.get("outputTokenLimit"))
        )
        shown = row.get("displayName")
        return ModelInfo(name, self.id, shown if isinstance(shown, str) else name, window, output)

    async def _call(self, method: str, path: str, content: bytes | None) -> HttpCall:
        key = await key_of(self._credentials, self.id, self.label, required=True)
        try:
            base = parse_base_url(self._base_url)
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        if not base.endswith(("/v1", "/v1beta", "/v1alpha")):
            base = f"{base}/{_VERSION}"
        headers = {"x-goog-api-key": key or ""}
        if content is not None:
            headers["content-type"] = "application/json"
        timeouts = None if content is not None else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, base + path, headers, content, key, timeouts)


class _Part(msgspec.Struct, gc=False):
    text: str | None = None
    thought: bool | None = None


class _Content(msgspec.Struct, gc=False):
    parts: list[_Part] | None = None


class _Candidate(msgspec.Struct, gc=False, rename="camel"):
    content: _Content | None = None
    finish_reason: str | None = None


class _Feedback(msgspec.Struct, gc=False, rename="camel"):
    block_reason: str | None = None


class _Usage(msgspec.Struct, gc=False, rename="camel"):
    prompt_token_count: int | None = None
    candidates_token_count: int | None = None
    thoughts_token_count: int | None = None


class _Chunk(msgspec.Struct, gc=False, rename="camel"):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = None
    usage_metadata: _Usage | None = None
    error: Any = None


_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_chunk_decoder = msgspec.json.Decoder(_Chunk)
_chunks_decoder = msgspec.json.Decoder(list[_Chunk])


class GenerateContentDecoder(AnswerDecoder):
    """Chunks of generateContent to events. A finish reason is the only mark of the end."""

    def __init__(self, fail: Fail) -> None:
        super().__init__(SseDecoder(), fail)
        self._answered = False

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one chunk."""
        if not data or data.isspace():
            return
        chunk = decode_json(_chunk_decoder, data)
        if chunk.error:
            raise self._fail(read_refusal(data) or Refusal())
        self._take(chunk, events)

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read the JSON array, or the one object, that a proxy without server-sent events gives."""
        if body.lstrip().startswith(b"["):
            for chunk in decode_json(_chunks_decoder, body):
                self._take(chunk, events)
        else:
            self.decode_frame(body, events)

    def _take(self, chunk: _Chunk, events: list[StreamEvent]) -> None:
        if chunk.usage_metadata is not None:
            self.usage = _usage(chunk.usage_metadata)
        if chunk.prompt_feedback is not None and chunk.prompt_feedback.block_reason:
            raise self.blocked(chunk.prompt_feedback.block_reason)
        if not chunk.candidates:
            return
        candidate = chunk.candidates[0]
        for part in (candidate.content.parts if candidate.content is not None else None) or ():
            if part.text:
                self._answered = True
                events.append(ReasoningDelta(part.text) if part.thought else TextDelta(part.text))
        if candidate.finish_reason:
            self._finish(candidate.finish_reason)

    def _finish(self, reason: str) -> None:
        if reason in _BLOCKED:
            raise self.blocked(reason)
        if reason in _FAILED or (reason not in _FINISH_REASONS and not self._answered):
            raise self._fail(Refusal(f"It ended the answer with the reason {reason[:60]}."))
        self.finish = _FINISH_REASONS.get(reason, "stop")


def _usage(usage: _Usage) -> Usage:
    """Thoughts are counted apart from the answer, and paid for as part of it."""
    answered = usage.candidates_token_count
    if usage.thoughts_token_count is not None:
        answered = (answered or 0) + usage.thoughts_token_count
    return Usage(usage.prompt_token_count, answered)


def _name(row: Mapping[str, Any]) -> str:
    name = row.get("name")
    return name.removeprefix("models/") if isinstance(name, str) else ""


def gemini_provider(context: ProviderContext) -> GeminiProvider:
    """Gemini, or the server at GOOGLE_GEMINI_BASE_URL."""
    url = context.environ.get("GOOGLE_GEMINI_BASE_URL", "").strip() or GEMINI_BASE_URL
    return GeminiProvider(context.http, context.credentials, url)
