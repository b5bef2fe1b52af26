"""Ollama's native interface: JSON lines from /api/chat. Its /v1 ignores the context size."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

import msgspec

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.endpoints import split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InvalidEndpointError,
    ModelNotFoundError,
    RequestError,
    RequestTooLargeError,
)
from aiproxy_desktop.core.events import FinishReason, ReasoningDelta, StreamEvent, TextDelta, Usage
from aiproxy_desktop.core.failures import Refusal, read_refusal
from aiproxy_desktop.core.framing import JsonLinesDecoder
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.wire_json import decode_json, encode_json

_PORTS = {"http": 80, "https": 443}
_OWN_PORT = 11434

# A context is memory, and a change of its size loads the model anew: start where Ollama itself does
# on small machines and double, so that a growing conversation crosses few steps.
_LEAST_CONTEXT = 4096
_ANSWER_TOKENS = 2048
# Few tokens are shorter than three bytes of UTF-8 in running text, and none of prose is as long as ten.
_BYTES_A_TOKEN = 3
_MOST_BYTES_A_TOKEN = 10
_SHOWN_AT_ONCE = 4


def parse_ollama_host(text: str) -> str:
    """The base URL that OLLAMA_HOST means (rules of Ollama's own `envconfig.Host`).

    Empty is this machine. Without a scheme: http and port 11434; http:// is port 80, https:// 443.
    A path is kept; the addresses that mean "every interface" become loopback.

    Raises:
        InvalidEndpointError: the text is no host.
    """
    value = text.strip().strip("\"'").strip()
    scheme, separator, rest = value.partition("://")
    if not separator:
        scheme, rest = "http", value
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"
    if not place or place.startswith(":"):
        place = f"127.0.0.1{place}"
    parts = split_url(f"{scheme.lower()}://{place}{slash}{path}")
    if parts.query or parts.fragment:
        raise InvalidEndpointError(
            "The Ollama host is not a host", "Leave out everything from the ? or # on."
        )
    port = parts.port or (_PORTS[parts.scheme] if separator else _OWN_PORT)
    return f"{parts.scheme}://{_reachable(parts.hostname or '')}:{port}{parts.path.rstrip('/')}"


class OllamaProvider(HttpProvider):
    """An Ollama server."""

    def __init__(self, http: HttpClient, host: str = "") -> None:
        """Describe a server; `host` is what OLLAMA_HOST may hold, read at each call."""
        super().__init__("ollama", "Ollama", http)
        self._host = host
        self._windows: dict[str, int] = {}

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            InvalidEndpointError: the host is not one.
            RequestTooLargeError: the conversation cannot fit, which Ollama would cut in silence.
        """
        return self._call("POST", "/api/chat", encode_json(self.completion_body(request)))

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body, with a context as large as the conversation needs.

        Raises:
            RequestTooLargeError: the conversation is larger than the model's context.
        """
        options: dict[str, Any] = {"num_ctx": self._context_size(request)}
        if request.temperature is not None:
            options["temperature"] = request.temperature
        if request.max_tokens is not None:
            options["num_predict"] = request.max_tokens
        return {
            "model": request.model,
            "messages": [{"role": message.role, "content": message.text} for message in request.messages],
            "stream": True,
            "options": options,
        }

    def explain(self, request: CompletionRequest, error: RequestError) -> None:
        """A model that is not there can be fetched."""
        if isinstance(error, ModelNotFoundError):
            error.advice = f"Fetch it with “ollama pull {request.model[:80]}”, or pick another one."

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:  # noqa: ARG002  # one for all models
        """A fresh decoder for one answer."""
        return OllamaChatDecoder(fail)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models pulled to that server that complete text.

        Raises:
            AIProxyError: and nothing else.
        """
        import asyncio

        payload = decode_json(_any_decoder, await self._http.fetch(self._call("GET", "/api/tags", None)))
        rows = payload.get("models") if isinstance(payload, Mapping) else None
        if not isinstance(rows, list):
            raise self.unreadable_list()
        gate = asyncio.Semaphore(_SHOWN_AT_ONCE)

        async def complete(row: Mapping[str, Any]) -> ModelInfo | None:
            async with gate:
                return self._model(row if row.get("capabilities") else {**row, **await self._show(row)})

        models = await asyncio.gather(*(complete(row) for row in rows if isinstance(row, Mapping)))
        found = tuple(model for model in models if model is not None)
        self._windows = {model.id: model.context_window for model in found if model.context_window}
        return found

    async def _show(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What older servers tell of a model only when asked for it alone; nothing where that fails."""
        name = row.get("model") or row.get("name")
        call = self._call("POST", "/api/show", encode_json({"model": name}))
        try:
            payload = decode_json(_any_decoder, await self._http.fetch(call))
        except AIProxyError:
            return {}
        if not isinstance(payload, Mapping):
            return {}
        facts = payload.get("model_info")
        windows = (
            value
            for key, value in (facts.items() if isinstance(facts, Mapping) else ())
            if key.endswith(".context_length")
        )
        return {"capabilities": payload.get("capabilities"), "context_length": next(windows, None)}

    def _model(self, row: Mapping[str, Any]) -> ModelInfo | None:
        name = row.get("model") or row.get("name")
        capabilities = row.get("capabilities")
        if not isinstance(name, str) or not name:
            return None
        if isinstance(capabilities, list) and capabilities and "completion" not in capabilities:
            return None
        details = row.get("details")
        window = (details.get("context_length") if isinstance(details, Mapping) else None) or row.get(
            "context_length"
        )
        size = row.get("size")
        return ModelInfo(
            name,
            self.id,
            name.removesuffix(":latest"),
            context_window=window if isinstance(window, int) and window > 0 else None,
            size_bytes=size if isinstance(size, int) and size > 0 else None,
            local=not row.get("remote_model"),
        )

    def _context_size(self, request: CompletionRequest) -> int:
        size = sum(len(message.text.encode("utf-8", "replace")) for message in request.messages)
        window = self._windows.get(request.model) or self._windows.get(f"{request.model}:latest")
        if window is not None and size > window * _MOST_BYTES_A_TOKEN:
            raise RequestTooLargeError(
                "The conversation is too long for this model",
                f"It takes {window:,} tokens at most. Shorten it, or pick a model with a larger context.",
                provider=self.id,
            )
        needed = size // _BYTES_A_TOKEN + (request.max_tokens or _ANSWER_TOKENS)
        context = _LEAST_CONTEXT
        while context < needed:
            context *= 2
        return min(context, window) if window is not None else context

    def _call(self, method: str, path: str, content: bytes | None) -> HttpCall:
        try:
            base = parse_ollama_host(self._host)
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        headers = {"content-type": "application/json"} if content is not None else {}
        timeouts = None if path == "/api/chat" else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, base + path, headers, content, None, timeouts)


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None


class _Line(msgspec.Struct, gc=False):
    message: _Message | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: Any = None


_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_line_decoder = msgspec.json.Decoder(_Line)
_FINISH_REASONS: dict[str, FinishReason] = {"length": "length"}


class OllamaChatDecoder(AnswerDecoder):
    """Lines of /api/chat to events. `done` ends the answer."""

    def __init__(self, fail: Fail) -> None:
        super().__init__(JsonLinesDecoder(), fail)

    def decode_frame(self, data: bytes, events: list[StreamEvent]) -> None:
        """Read one line."""
        line = decode_json(_line_decoder, data)
        if line.error:
            raise self._fail(read_refusal(data) or Refusal())
        if line.message is not None:
            if line.message.thinking:
                events.append(ReasoningDelta(line.message.thinking))
            if line.message.content:
                events.append(TextDelta(line.message.content))
        if line.done:
            if line.prompt_eval_count is not None or line.eval_count is not None:
                self.usage = Usage(line.prompt_eval_count, line.eval_count)
            self.finish = _FINISH_REASONS.get(line.done_reason or "", "stop")
            self.complete = True


def _reachable(host: str) -> str:
    """An address to connect to for one that a server listens on."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return "[::1]" if address.version == 6 else "127.0.0.1"
    return f"[{address}]" if address.version == 6 else str(address)


def ollama_provider(context: ProviderContext) -> OllamaProvider:
    """Ollama where OLLAMA_HOST says."""
    return OllamaProvider(context.http, context.environ.get("OLLAMA_HOST", ""))
