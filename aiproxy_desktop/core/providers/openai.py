"""OpenAI's chat completions, and every server that speaks them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError, RequestError
from aiproxy_desktop.core.events import FinishReason, ReasoningDelta, StreamEvent, TextDelta, Usage
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import SseDecoder
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.model_rules import (
    COMPATIBLE_NOT_CHAT,
    OPENAI_NOT_CHAT,
    fixes_temperature,
    holds_word,
)
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.wire_json import decode_json, encode_json

OPENAI_BASE_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class ChatDialect:
    """What differs between OpenAI's own service and the servers compatible with it."""

    limit_field: str
    not_chat: tuple[str, ...]
    drops_temperature: bool


OFFICIAL = ChatDialect("max_completion_tokens", OPENAI_NOT_CHAT, drops_temperature=True)
COMPATIBLE = ChatDialect("max_tokens", COMPATIBLE_NOT_CHAT, drops_temperature=False)

# What a server may refuse to read, and what stands in its place afterwards (None: nothing).
_REVISIONS: dict[str, str | None] = {
    "stream_options": None,
    "temperature": None,
    "max_tokens": "max_completion_tokens",
    "max_completion_tokens": "max_tokens",
}
# The field was read, and its value is out of bounds: that is for whoever gave it to hear.
_OUT_OF_BOUNDS = re.compile(
    r"above (?:the )?max|below (?:the )?min|at (?:most|least)|too (?:large|small|high|low|big)"
    r"|(?:less|greater|smaller|larger) than|between|[<>]=?\s*\d"
)
_FINISH_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}


class OpenAICompatibleProvider(HttpProvider):
    """Chat completions over server-sent events."""

    def __init__(
        self,
        id: str,  # noqa: A002  # the field's own word
        label: str,
        base_url: str,
        http: HttpClient,
        credentials: Credentials,
        needs_key: bool = True,
        local: bool = False,
        dialect: ChatDialect | None = None,
    ) -> None:
        """Describe a server; nothing is checked or sent before a call.

        Args:
            id: left side of `provider:model`, and the name its key is known by.
            label: what a person calls it.
            base_url: up to and without `/chat/completions`.
            http: shared client; not closed here.
            credentials: asked for the key at each call.
            needs_key: whether a call without a key is an error; a key that is there is always sent.
            local: whether its models run on this machine.
            dialect: by default OFFICIAL for OpenAI's own host, else COMPATIBLE.
        """
        super().__init__(id, label, http)
        self._base_url = base_url
        self._credentials = credentials
        self._needs_key = needs_key
        self._local = local
        self._dialect = dialect or (OFFICIAL if _is_official(base_url) else COMPATIBLE)
        # What each model was found to refuse: (model, field). An empty model stands for all.
        self._refused: set[tuple[str, str]] = set()

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
        """
        return await self._call("POST", "/chat/completions", encode_json(self.completion_body(request)))

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body, written as this server is known to read it."""
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if request.max_tokens is not None:
            body[self._dialect.limit_field] = request.max_tokens
        fixed = self._dialect.drops_temperature and fixes_temperature(request.model)
        if request.temperature is not None and not fixed:
            body["temperature"] = request.temperature
        for name, other in _REVISIONS.items():
            if name in body and not self._refused.isdisjoint({(request.model, name), ("", name)}):
                value = body.pop(name)
                if other is not None and (request.model, other) not in self._refused:
                    body[other] = value
        return body

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:
        """Leave out, from now on, a field that the server names as one it does not take."""
        if error.status not in {400, 422} or _OUT_OF_BOUNDS.search(error.detail.lower()):
            return False
        body = self.completion_body(request)
        for name in _REVISIONS:
            if name in body and name in error.detail:
                self._refused.add(("" if name == "stream_options" else request.model, name))
                return True
        return False

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:  # noqa: ARG002  # one for all models
        """A fresh decoder for one answer."""
        return ChatCompletionDecoder(fail)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that can chat, as far as their names or the server tell.

        Raises:
            AIProxyError: and nothing else.
        """
        call = await self._call("GET", "/models", None)
        payload = decode_json(_any_decoder, await self._http.fetch(call))
        rows = payload.get("data", payload.get("models")) if isinstance(payload, Mapping) else payload
        if not isinstance(rows, list):
            refusal = read_refusal(payload) if isinstance(payload, Mapping) else None
            raise self._http.failure(refusal, call) if refusal else self.unreadable_list()
        models = (self._model(row) for row in rows if isinstance(row, Mapping))
        return tuple(dict.fromkeys(model for model in models if model is not None))

    def _model(self, row: Mapping[str, Any]) -> ModelInfo | None:
        name = row.get("id")
        if not isinstance(name, str) or not name or holds_word(name, self._dialect.not_chat):
            return None
        capabilities = row.get("capabilities")
        if isinstance(capabilities, Mapping) and capabilities.get("completion_chat") is False:
            return None
        architecture = row.get("architecture")
        outputs = architecture.get("output_modalities") if isinstance(architecture, Mapping) else None
        if isinstance(outputs, list) and "text" not in outputs:
            return None
        windows = (
            row.get(key)
            for key in ("context_length", "context_window", "max_model_len", "max_context_length")
        )
        shown = row.get("name") or row.get("display_name")
        return ModelInfo(
            name,
            self.id,
            shown if isinstance(shown, str) else name,
            context_window=next((size for size in windows if isinstance(size, int) and size > 0), None),
            local=self._local,
        )

    async def _call(self, method: str, path: str, content: bytes | None) -> HttpCall:
        key = await key_of(self._credentials, self.id, self.label, required=self._needs_key)
        try:
            url = parse_base_url(self._base_url) + path
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        headers = {"accept": "text/event-stream" if content else "application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        if key is not None:
            headers["authorization"] = f"Bearer {key}"
        timeouts = None if content is not None else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, url, headers, content, key, timeouts)


class _Delta(msgspec.Struct, gc=False):
    # Any, since a few servers send lists of parts where the rest send text.
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None


class _Choice(msgspec.Struct, gc=False):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Chunk(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    object: Any = None
    message: Any = None


_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_chunk_decoder = msgspec.json.Decoder(_Chunk)


class ChatCompletionDecoder(AnswerDecoder):
    """Chunks of a chat completion to events.

    The answer is whole once a finish reason or `[DONE]` came; a server may leave out either.
    """

    def __init__(self, fail: Fail) -> None:
        super().__init__(SseDecoder(), fail)
        self._answered = False

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one chunk."""
        if data[:6] == b"[DONE]":
            self.complete = True
            if self.finish is None and self._answered:
                self.finish = "stop"
            return
        if not data or data.isspace():
            return
        chunk = decode_json(_chunk_decoder, data)
        if chunk.choices:
            self._take_choice(chunk.choices[0], events)
        elif chunk.error or chunk.object == "error":
            raise self._fail(read_refusal(data) or Refusal())
        if chunk.usage:
            self.usage = _usage(chunk.usage) or self.usage

    def decode_whole(self, body: bytes, events: list[StreamEvent]) -> None:
        """Read a completion from a server that does not stream."""
        self.decode_frame(body, events)
        if self.finish is None and self._answered:
            self.finish = "stop"

    def _take_choice(self, choice: _Choice, events: list[StreamEvent]) -> None:
        self._answered = True
        delta = choice.delta or choice.message
        if delta is not None:
            thought = delta.reasoning_content or delta.reasoning
            if thought:
                _add(thought, ReasoningDelta, events)
            text = delta.content or delta.refusal
            if text:
                _add(text, TextDelta, events)
        reason = choice.finish_reason
        if reason:
            if reason == "content_filter":
                raise self.blocked("content filter")
            if reason == "error":
                raise self._fail(Refusal())
            self.finish = _FINISH_REASONS.get(reason, "stop")


def _add(value: Any, kind: type[TextDelta] | type[ReasoningDelta], events: list[StreamEvent]) -> None:
    """Text, or a list of parts (`text`, or `thinking` holding parts of its own) as events."""
    if isinstance(value, str):
        events.append(kind(value))
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, Mapping) and part.get("type") == "thinking":
                _add(part.get("thinking"), ReasoningDelta, events)
            elif isinstance(part, Mapping) and part.get("text"):
                _add(part["text"], kind, events)


def _usage(value: Any) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    counts = [value.get(name) for name in ("prompt_tokens", "completion_tokens")]
    given, answered = (count if isinstance(count, int) else None for count in counts)
    return Usage(given, answered)


def _is_official(base_url: str) -> bool:
    try:
        return urlsplit(base_url.strip()).hostname == "api.openai.com"
    except ValueError:
        return False


def openai_provider(context: ProviderContext) -> OpenAICompatibleProvider:
    """OpenAI, or the server at OPENAI_BASE_URL."""
    url = context.environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_BASE_URL
    return OpenAICompatibleProvider("openai", "OpenAI", url, context.http, context.credentials)
