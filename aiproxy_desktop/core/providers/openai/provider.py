"""OpenAI's chat completions, its Responses where models need it, and every server compatible with them."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError, RequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.failures import read_refusal
from aiproxy_desktop.core.framing import MAX_FRAME_BYTES
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.list_bodies import MAX_LIST_BYTES, read_list
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart
from aiproxy_desktop.core.model_hygiene import CutList
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.providers.openai.chat import ChatWriter
from aiproxy_desktop.core.providers.openai.chat_answer import IMAGE_FRAME_BYTES, ChatCompletionDecoder
from aiproxy_desktop.core.providers.openai.dialect import COMPATIBLE, OFFICIAL, ChatDialect
from aiproxy_desktop.core.providers.openai.listing import drawing_model, read_image_model, read_model
from aiproxy_desktop.core.providers.openai.responses import ResponsesWriter
from aiproxy_desktop.core.providers.openai.responses_answer import ResponsesDecoder
from aiproxy_desktop.core.providers.openai.rules import CHAT_COMPLETIONS, adapt, uses_responses
from aiproxy_desktop.core.wire_json import encode_json

if TYPE_CHECKING:  # nothing of it is needed to start
    from aiproxy_desktop.core.images.values import ImageEvent, ImageRequest

__all__ = [
    "COMPATIBLE",
    "OFFICIAL",
    "OPENAI_BASE_URL",
    "ChatCompletionDecoder",
    "ChatDialect",
    "OpenAICompatibleProvider",
]

OPENAI_BASE_URL = "https://api.openai.com/v1"

# Media beyond this size is written on a thread: a hundred megabytes would hold up the loop noticeably.
_MUCH_MEDIA_BYTES = 256 * 1024

# Fields of chat completions and Responses that a server may refuse to read, and what is learnt from that.
_LEARNT: tuple[tuple[str, str], ...] = (
    ("stream_options", "stream_options"),
    ("temperature", "temperature"),
    ("max_tokens", "max_tokens"),
    ("max_completion_tokens", "max_completion_tokens"),
    ("response_format", "response_format"),
    ("tool_choice", "tool_choice"),
    ("reasoning_effort", "reasoning_effort"),
)
_LEARNT_RESPONSES: tuple[tuple[str, str], ...] = (
    ("reasoning.summary", "reasoning.summary"),
    ("reasoning summaries", "reasoning.summary"),
    ("reasoning.encrypted_content", "include"),
    ("reasoning.effort", "reasoning_effort"),
    ("include", "include"),
    ("temperature", "temperature"),
    ("text.format", "response_format"),
    ("tool_choice", "tool_choice"),
)
# What stands in a field's place afterwards, without anyone having to know.
_SWAPPED = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}

# The field was read, and its value is wrong: that is for whoever gave it to hear.
_WRONG_VALUE = re.compile(
    r"above (?:the )?max|below (?:the )?min|at (?:most|least)|too (?:large|small|high|low|big)"
    r"|(?:less|greater|smaller|larger) than|between|[<>]=?\s*\d|invalid schema|not found in"
)
# What the service takes as the name of a speaker: its refusals quote this pattern.
_NAME = re.compile(r"[^\s<|\\/>]{1,64}")
_NOT_TAKEN = re.compile(
    r"unsupported|not (?:\w+ )?(?:support|allow|permit|accept|take)|unrecogni[sz]ed|unknown|unexpected|extra"
    r"|invalid (?:argument|parameter|field|param)|not (?:a )?(?:valid|known)"
)


class OpenAICompatibleProvider(HttpProvider):
    """Chat completions, or Responses, over server-sent events."""

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
        vendor: str = "",
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
            vendor: whose models it has, where its id does not say.
        """
        super().__init__(id, label, http, vendor)
        self._base_url = base_url
        self._credentials = credentials
        self._needs_key = needs_key
        self._local = local
        self._dialect = dialect or (OFFICIAL if is_official(base_url) else COMPATIBLE)
        self._chat = ChatWriter(id, label, self._dialect)
        self._responses = ResponsesWriter(id, label, self._dialect)
        # What each model was found to refuse, by its name; an empty name stands for all.
        self._refused: dict[str, frozenset[str]] = {}
        self._drawing: tuple[ModelInfo, ...] | None = None  # the image models of the last list
        self._noted: tuple[str, ...] | None = None  # names in it that `_is_noted` asked for

    @property
    def server(self) -> str:
        """The base URL of its server, as it was set."""
        return self._base_url

    def adapt(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request as its model takes it, by data and by what was learnt, with a note for each change."""
        return adapt(request, self._dialect, self._refused_by(request.model))

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
            UnsupportedError: a part that this server has no way to take.
        """
        responses = self._uses_responses(request)
        write = self.responses_body if responses else self.completion_body
        if _media_bytes(request) > _MUCH_MEDIA_BYTES:
            from aiproxy_desktop.core.threads import on_thread

            content = await on_thread(lambda: encode_json(write(request)), "request-body")
        else:
            content = encode_json(write(request))
        return await self._call("POST", "/responses" if responses else "/chat/completions", content)

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The body for chat completions, written as this server is known to read it."""
        body = self._chat.body(request)
        refused = self._refused_by(request.model)
        if "stream_options" in refused:
            body.pop("stream_options", None)
        for name, other in _SWAPPED.items():
            if name in refused and name in body:
                value = body.pop(name)
                if other not in refused:
                    body[other] = value
                break
        return body

    def responses_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The body for the Responses interface."""
        return self._responses.body(request, self._refused_by(request.model))

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:
        """Leave out, from now on, what the server names as something it does not take."""
        if self._learns_the_interface(request, error):
            return True
        words = error.detail.lower()
        if error.status not in {400, 422} or _WRONG_VALUE.search(words):
            return False
        adapted, _ = self.adapt(request)
        learnt = self._named_in(words, adapted)
        if learnt is None:
            return False
        if learnt == "response_format" and adapted.response_format is not None:
            learnt = "json_schema" if adapted.response_format.kind == "json_schema" else learnt
        self._learn("" if learnt == "stream_options" else request.model, learnt)
        return True

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:
        """A fresh decoder for the answer of the interface that this request goes to."""
        if self._uses_responses(request):
            return ResponsesDecoder(fail, self.id)
        size = IMAGE_FRAME_BYTES if self._dialect.images_out else MAX_FRAME_BYTES
        return ChatCompletionDecoder(fail, self.id, self._dialect.returned_reasoning, size)

    def takes_name(self, request: CompletionRequest, name: str) -> bool:
        """Chat completions do, of the letters that OpenAI's pattern allows."""
        named = self._dialect.names and _NAME.fullmatch(name) is not None
        return named and not self._uses_responses(request)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that can chat, as far as their names or the server tell.

        Raises:
            AIProxyError: and nothing else.
        """
        drawing: dict[str, ModelInfo] = {}
        listed: list[str] = []

        def read(row: Any) -> ModelInfo | None:
            if not isinstance(row, dict):
                return None
            if self._is_noted(row.get("id")):
                listed.append(row["id"])
            image_model = read_image_model(row, self.id, self._dialect, local=self._local)
            if image_model is not None:
                drawing.setdefault(image_model.id, image_model)
            return read_model(row, self.id, self._dialect, local=self._local)

        call, body = await self._fetch_list()
        payload, total = await read_list(body, ("data", "models"), read)
        rows = payload.get("data", payload.get("models")) if isinstance(payload, Mapping) else payload
        if not isinstance(rows, list):
            refusal = read_refusal(payload) if isinstance(payload, Mapping) else None
            raise self._http.failure(refusal, call) if refusal else self.unreadable_list()

        models: dict[str, ModelInfo] = {}
        for model in rows:
            if model is not None:
                models.setdefault(model.id, model)
                if self._dialect.images_out and model.capabilities.images_out:
                    drawing.setdefault(model.id, model)
        self._drawing = tuple(drawing.values())
        self._noted = tuple(dict.fromkeys(listed))
        return CutList.of(models.values(), total) if total > len(rows) else tuple(models.values())

    async def stream_images(self, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
        """Make or change images, event by event (see `images.values`).

        Raises:
            AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
        """
        async with aclosing(self._images(request)) as events:
            async for event in events:
                yield event

    def _images(self, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
        """By the interface for images, or in a chat where that is how this server draws."""
        maker = self.vendor or self.id
        if self._dialect.images_out:
            from aiproxy_desktop.core.images import chat_images

            painter = chat_images.Painter(self.id, self.label, maker, request.model, self.stream, nested=True)
            return chat_images.stream_images(painter, request)
        from aiproxy_desktop.core.providers.openai import images

        service = images.ImageService(self.id, self.label, maker, self._http, self._call)
        return images.stream_images(service, request)

    def image_models(self) -> tuple[ModelInfo, ...]:
        """The image models of the last list; before any list, those that OpenAI is known to have."""
        if self._drawing is not None:
            return self._drawing
        if not is_official(self._base_url):
            return ()
        from aiproxy_desktop.core.images.models import IMAGE_MODELS

        makers = (one for one in IMAGE_MODELS if one.maker == "openai")
        return tuple(drawing_model(one.id, self.id, local=False) for one in makers)

    def _is_noted(self, name: Any) -> bool:  # noqa: ARG002 - for others to say
        """Whether a name in the list is to be remembered, although it may be no model to chat with."""
        return False

    async def _fetch_list(self) -> tuple[HttpCall, bytes]:
        """The list, and how it was asked for: where a vendor's own path is not known, at the usual one."""
        call = await self._call("GET", self._dialect.list_path, None)
        if self._dialect.list_path != COMPATIBLE.list_path:
            try:
                return call, await self._http.fetch(call, MAX_LIST_BYTES)
            except AIProxyError as error:
                if error.status != 404:  # a proxy in front of the vendor may have the usual one alone
                    raise
            call = await self._call("GET", COMPATIBLE.list_path, None)
        return call, await self._http.fetch(call, MAX_LIST_BYTES)

    def _uses_responses(self, request: CompletionRequest) -> bool:
        return uses_responses(request, self._dialect, self._refused_by(request.model))

    def _refused_by(self, model: str) -> frozenset[str]:
        if not self._refused:
            return frozenset()
        return self._refused.get(model, frozenset()) | self._refused.get("", frozenset())

    def _learn(self, model: str, name: str) -> None:
        self._refused[model] = self._refused.get(model, frozenset()) | {name}

    def _learns_the_interface(self, request: CompletionRequest, error: RequestError) -> bool:
        """Whether the server says that this model answers over the Responses interface alone."""
        if self._dialect.responses != "by_model" or "v1/responses" not in error.detail:
            return False
        adapted, _ = self.adapt(request)
        if self._uses_responses(adapted):
            return False
        self._learn(request.model, CHAT_COMPLETIONS)
        return True

    def _named_in(self, words: str, adapted: CompletionRequest) -> str | None:
        """What was sent and is named in a refusal: a field of ours, or one of the caller's own."""
        bare = replace(adapted, messages=())
        if self._uses_responses(adapted):
            body, table = self.responses_body(bare), _LEARNT_RESPONSES
        else:
            body, table = self.completion_body(bare), _LEARNT
        for phrase, learnt in table:
            if _names(words, phrase) and _holds(body, phrase, learnt) and learnt not in adapted.extra:
                return learnt
        if _NOT_TAKEN.search(words):
            return next((name for name in adapted.extra if _names(words, name.lower())), None)
        return None

    async def _call(self, method: str, path: str, content: bytes | None) -> HttpCall:
        try:
            url = parse_base_url(self._base_url) + path
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        key = await key_of(self._credentials, self.id, self.label, required=self._needs_key)
        if self._dialect.query:
            url = f"{url}?{urlencode(self._dialect.query)}"
        headers = {"accept": "text/event-stream" if content else "application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        if key is not None:
            bearer = self._dialect.key_header == "authorization"
            headers[self._dialect.key_header] = f"Bearer {key}" if bearer else key
        timeouts = None if content is not None else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, url, headers, content, key, timeouts)


def _names(words: str, name: str) -> bool:
    """Whether a refusal names a field, and not one whose name holds it."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) is not None


def _holds(body: Mapping[str, Any], phrase: str, learnt: str) -> bool:
    """Whether a body has the field that a phrase of a refusal means."""
    path = (learnt if "." in learnt or learnt == "include" else phrase).split(".")
    value: Any = body
    for name in path:
        if not isinstance(value, Mapping) or name not in value:
            return False
        value = value[name]
    return True


def _media_bytes(request: CompletionRequest) -> int:
    return sum(
        len(part.data)
        for message in request.messages
        for part in message.parts
        if isinstance(part, MediaPart)
    )


def is_official(base_url: str) -> bool:
    """Whether it is OpenAI's own host, or one of a region of it."""
    try:
        host = urlsplit(base_url.strip()).hostname or ""
    except ValueError:
        return False
    return host == "api.openai.com" or host.endswith(".api.openai.com")


def openai_provider(context: ProviderContext) -> OpenAICompatibleProvider:
    """OpenAI, or the server at OPENAI_BASE_URL."""
    from aiproxy_desktop.core.providers.openai.account import OpenAIAccount

    url = context.environ.get("OPENAI_BASE_URL", "").strip() or OPENAI_BASE_URL
    return OpenAIAccount("openai", "OpenAI", url, context.http, context.credentials)
