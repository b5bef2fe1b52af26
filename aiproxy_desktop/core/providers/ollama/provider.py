"""Ollama's native interface. Its /v1 would ignore the size of the context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InvalidRequestError,
    ModelNotFoundError,
    RequestError,
    RequestTooLargeError,
    UnknownModelError,
)
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Effort, NativeTool
from aiproxy_desktop.core.model_hygiene import CutList
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS
from aiproxy_desktop.core.providers.context_budget import media_count, text_bytes
from aiproxy_desktop.core.providers.ollama.chat import RESERVED_NAMES, OllamaChatDecoder, chat_body
from aiproxy_desktop.core.providers.ollama.host import parse_ollama_host
from aiproxy_desktop.core.providers.ollama.making import OllamaMaker
from aiproxy_desktop.core.providers.ollama.media import check_request
from aiproxy_desktop.core.providers.ollama.models import read_model, read_shown
from aiproxy_desktop.core.providers.ollama.thinking import Thinking, thinking_for

__all__ = ["OllamaChatDecoder", "OllamaProvider", "parse_ollama_host"]

# A context is memory, and a change of its size loads the model anew: start where Ollama itself does
# on small machines and double, so that a growing conversation crosses few steps.
_LEAST_CONTEXT = 4096
_ANSWER_TOKENS = 2048
# Few tokens are shorter than three bytes of UTF-8 in running text, and none of prose is as long as ten.
_BYTES_A_TOKEN = 3
_MOST_BYTES_A_TOKEN = 10
# What an image or half a minute of sound takes, roughly, in the models that read them.
_MEDIA_TOKENS = 1000
_SHOWN_AT_ONCE = 4


class OllamaProvider(OllamaMaker):
    """An Ollama server."""

    def __init__(
        self,
        http: HttpClient,
        host: str = "",
        keep_alive: str | float | None = None,
        *,
        provider_id: str = "ollama",
        label: str = "Ollama",
    ) -> None:
        """Describe a server; nothing is contacted before a call.

        Args:
            http: shared client; not closed here.
            host: what OLLAMA_HOST may hold, read at each call.
            keep_alive: how long a model stays in memory after a request, in seconds or as "10m"; negative
                is for ever, None leaves it to the server.
            provider_id: the left side of `provider:model`, where there are several servers.
            label: what a person calls it.
        """
        super().__init__(http, host, provider_id, label)
        self._keep_alive = keep_alive
        self._known: dict[str, ModelInfo] = {}
        # What models were found to refuse: (model, "think") or (model, "levels").
        self._refused: set[tuple[str, str]] = set()

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            InvalidEndpointError: the host is not one.
            InvalidRequestError: a tool call in the conversation cannot be sent.
            UnsupportedError: the model cannot take a part of it.
            RequestTooLargeError: the conversation cannot fit, which Ollama would cut in silence.
        """
        return self.call("POST", "/api/chat", self.completion_body(request))

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body, with a context as large as the conversation needs.

        Raises:
            RequestError: as `completion_call`.
        """
        check_request(request, self._known.values(), self._info(request.model), self.id)
        think = self._thinking(request.effort, request.model).value if request.effort else None
        body = chat_body(request, self._context_size(request), think)
        if self._keep_alive is not None:
            body.setdefault("keep_alive", self._keep_alive)
        return body

    def adapt(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request in Ollama's terms, with a note for what it has no term for.

        Raises:
            InvalidRequestError: the tool that must be called is not among the tools.
        """
        notes: list[Noted] = []
        request = _adapt_tools(request, notes, self.id)
        if request.safety_settings:
            request = replace(request, safety_settings=())
            notes.append(Noted("safety_settings", "Ollama has no safety settings, so they were left out."))
        if request.images:
            request = replace(request, images=False)
            notes.append(Noted("images", "Ollama's chat models write text only."))
        if request.effort is not None:
            note = self._thinking(request.effort, request.model).note
            notes += [Noted("effort", note)] if note else []
        for name in sorted(RESERVED_NAMES.intersection(request.extra)):
            notes.append(Noted(name, "It is set by the request itself, so the extra field was left out."))
        return request, tuple(notes)

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:
        """Learn that a model does not think, or only knows thinking from not thinking."""
        if error.status != 400 or request.effort is None:
            return False
        words = error.detail.lower()
        if "does not support thinking" in words:
            found = (request.model, "think")
        elif "think value" in words:
            found = (request.model, "levels")
        else:
            return False
        known = found in self._refused
        self._refused.add(found)
        return not known

    def explain(self, request: CompletionRequest, error: RequestError) -> None:
        """A model that is not there can be fetched; one that takes no tools may still answer without."""
        if isinstance(error, ModelNotFoundError):
            error.advice = f"Fetch it with “ollama pull {request.model[:80]}”, or pick another one."
        elif "does not support tools" in error.detail:
            error.title = f"{request.model[:80]} cannot be given tools"
            error.advice = "Leave the tools out, or pick a model that can."

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:  # noqa: ARG002  # one for all models
        """A fresh decoder for one answer."""
        return OllamaChatDecoder(fail)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models pulled to that server that complete text.

        Raises:
            AIProxyError: and nothing else. UnreachableError at once where nothing listens.
        """
        import asyncio

        here = self.here

        def read(row: Mapping[str, Any]) -> ModelInfo | Mapping[str, Any] | None:
            return read_model(row, self.id, here=here) if row.get("capabilities") else row

        rows, total = await self.tag_rows(read)
        # Older servers tell what a model can only when asked for it: some at a time, the others wait.
        asked = iter([(place, row) for place, row in enumerate(rows) if isinstance(row, Mapping)])

        async def complete() -> None:
            for place, row in asked:
                more = await self._shown(row)
                rows[place] = read_model({**row, **more}, self.id, here=here)

        await asyncio.gather(*(complete() for _ in range(_SHOWN_AT_ONCE)))
        found = tuple(model for model in rows if isinstance(model, ModelInfo))
        self._known = {model.id: model for model in found}
        return CutList.of(found, total) if total > len(rows) else found

    async def show(self, model: str) -> ModelDetails:
        """All that the server tells of a model: capabilities, context, license, template.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        details = await super().show(model)
        self._known[model] = details.info
        return details

    async def delete(self, model: str) -> None:
        """Delete a model from the server's disk.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        await super().delete(model)
        self._known.pop(model, None)

    async def warm(self, model: str | None = None) -> None:
        """Load a model (the first one of the list), so that the first answer does not wait for it.

        Raises:
            AIProxyError: it could not be loaded.
        """
        name = model or next((known.id for known in await self.list_models()), "")
        if not name:
            raise UnknownModelError("", provider=self.id)
        info = self._info(name)
        window = info.context_window if info is not None else None
        await self.load(name, min(_LEAST_CONTEXT, window or _LEAST_CONTEXT), self._keep_alive)

    async def _shown(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """What older servers tell of a model only when asked for it alone; nothing where that fails."""
        call = self.call("POST", "/api/show", {"model": row.get("model") or row.get("name")}, LIST_TIMEOUTS)
        try:
            return read_shown(await self.object_of(call))
        except AIProxyError:
            return {}

    def _info(self, model: str) -> ModelInfo | None:
        return self._known.get(model) or self._known.get(f"{model}:latest")

    def _thinking(self, effort: Effort, model: str) -> Thinking:
        info = self._info(model)
        thinks = info.capabilities.thinking if info is not None else None
        if (model, "think") in self._refused:
            thinks = False
        return thinking_for(effort, model, thinks=thinks, levels=(model, "levels") not in self._refused)

    def _context_size(self, request: CompletionRequest) -> int:
        size = text_bytes(request)
        info = self._info(request.model)
        window = info.context_window if info is not None else None
        if window is not None and size > window * _MOST_BYTES_A_TOKEN:
            raise RequestTooLargeError(
                "The conversation is too long for this model",
                f"It takes {window:,} tokens at most. Shorten it, or pick a model with a larger context.",
                provider=self.id,
            )
        media = media_count(request) * _MEDIA_TOKENS
        needed = size // _BYTES_A_TOKEN + media + (request.max_tokens or _ANSWER_TOKENS)
        context = _LEAST_CONTEXT
        while context < needed:
            context *= 2
        return min(context, window) if window is not None else context


def _adapt_tools(request: CompletionRequest, notes: list[Noted], provider: str) -> CompletionRequest:
    """Ollama offers tools or does not; whether one is called is the model's choice."""
    tools = tuple(
        tool for tool in request.tools if not isinstance(tool, NativeTool) or "function" in tool.spec
    )
    if len(tools) < len(request.tools):
        notes.append(Noted("tools", "Ollama has no tools of its own, so other providers' were left out."))
    choice = request.tool_choice
    if choice is None or choice.mode == "auto":
        return replace(request, tools=tools, tool_choice=None)
    if choice.mode == "none":
        return replace(request, tools=(), tool_choice=None)
    sentence = "Ollama cannot make a model call a tool; it may answer without."
    if choice.name:
        tools = tuple(tool for tool in tools if getattr(tool, "name", "") == choice.name)
        sentence = f"Ollama cannot make a model call {choice.name[:60]}; it was given no other tool."
    if not tools:
        raise InvalidRequestError(
            f"There is no tool {choice.name[:60]} to call" if choice.name else "There is no tool to call",
            "Name one of the tools given, or leave the choice to the model.",
            provider=provider,
        )
    notes.append(Noted("tool_choice", sentence))
    return replace(request, tools=tools, tool_choice=None)


def ollama_provider(context: ProviderContext) -> OllamaProvider:
    """Ollama where OLLAMA_HOST says."""
    return OllamaProvider(context.http, context.environ.get("OLLAMA_HOST", ""))
