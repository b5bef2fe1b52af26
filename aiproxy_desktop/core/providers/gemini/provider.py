"""Google's Gemini: generateContent over server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError, RequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.framing import MAX_FRAME_BYTES
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.list_bodies import MAX_LIST_BYTES, read_list
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart
from aiproxy_desktop.core.model_hygiene import MOST_MODELS, CutList
from aiproxy_desktop.core.model_rules import holds_word
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.providers.gemini.adapting import adapted
from aiproxy_desktop.core.providers.gemini.config import IMAGE_SHAPE, own_name, words_for
from aiproxy_desktop.core.providers.gemini.decoding import GenerateContentDecoder
from aiproxy_desktop.core.providers.gemini.rules import (
    ALIASES,
    MAX_IMAGE_FRAME_BYTES,
    MAX_INLINE_PART,
    NOT_LISTED,
    GeminiRules,
    capabilities,
    learned,
    plain_name,
    rules_for,
)
from aiproxy_desktop.core.providers.gemini.writing import PROVIDER, completion_body
from aiproxy_desktop.core.providers.refused_fields import FIELDS_OF_OPENAI, RefusedFields
from aiproxy_desktop.core.slices import in_slices
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.core.wire_json import encode_json

if TYPE_CHECKING:  # nothing of it is needed to start
    from aiproxy_desktop.core.images.values import ImageEvent, ImageRequest
    from aiproxy_desktop.core.live.codec import LiveService

GEMINI_BASE_URL = "https://generativelanguage.googleapis.com"

# v1 knows neither system instructions nor thinking everywhere; v1beta holds all of v1.
_VERSION = "v1beta"
_VERSIONS = ("/v1", "/v1beta", "/v1alpha")
_MAX_PAGES = 10
_SHAPE_NAMES = {"aspectRatio": "aspect_ratio", "imageSize": "image_size"}

# Media beyond this size is written on a thread: megabytes of base64 would hold up the loop.
_MUCH_MEDIA_BYTES = 256 * 1024


class GeminiProvider(HttpProvider):
    """Gemini with an API key, which goes into a header and never into the address."""

    def __init__(
        self,
        http: HttpClient,
        credentials: Credentials,
        base_url: str = GEMINI_BASE_URL,
        *,
        provider_id: str = PROVIDER,
        label: str = "Gemini",
    ) -> None:
        """Describe the service; nothing is checked or sent before a call.

        Args:
            http: shared client; not closed here.
            credentials: asked for the key of `provider_id` at each call.
            base_url: with or without the version at its end.
            provider_id: another one for a second account.
            label: what a person calls it.
        """
        super().__init__(provider_id, label, http, PROVIDER)
        self._credentials = credentials
        self._base_url = base_url
        self._thinking: dict[str, bool] = {}  # as the list said, by name
        self._rules: dict[str, GeminiRules] = {}  # as found so far, by name
        self._fields = RefusedFields(
            FIELDS_OF_OPENAI | {"logit_bias", "metadata", "parallel_tool_calls"}, words_for
        )
        self._drawing: tuple[ModelInfo, ...] | None = None  # the image models of the last list
        self._talking: tuple[str, ...] | None = None  # and the live ones

    @property
    def server(self) -> str:
        """The base URL of its server, as it was set."""
        return self._base_url

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
            RequestError: something in it that cannot be said in this dialect.
        """
        model = self._real_name(request.model)
        kind, _, name = model.partition("/")
        if kind not in {"models", "tunedModels"}:
            kind, name = "models", model
        path = f"/{kind}/{quote(name, safe='')}:streamGenerateContent?alt=sse"
        self._check_shape(request)
        if _media_bytes(request) > _MUCH_MEDIA_BYTES:
            content = await on_thread(lambda: encode_json(self.completion_body(request)), "request-body")
        else:
            content = encode_json(self.completion_body(request))
        return await self._call("POST", path, content)

    def completion_body(self, request: CompletionRequest) -> dict[str, Any]:
        """The JSON body of an adapted request."""
        name = plain_name(self._real_name(request.model))
        rules = self._rules_of(request.model)
        thoughts = rules.thoughts if rules.thoughts is False else self._thinking.get(name, rules.thoughts)
        return completion_body(request, rules, bool(thoughts))

    def adapt(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request as its model takes it, with a note for each thing changed or left out."""
        request, left_out = self._fields.left_out(request)
        request, notes = adapted(request, self._rules_of(request.model))
        return request, (*left_out, *notes)

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:
        """Learn from a refusal what a model does not take."""
        if self._fields.learn(request, error):
            return True
        if error.status not in {400, 422}:
            return False
        rules = self._rules_of(request.model)
        wiser = learned(rules, error.detail)
        if wiser == rules:
            return False
        self._rules[self._real_name(request.model)] = wiser
        return True

    @asynccontextmanager
    async def hosting(self, request: CompletionRequest) -> AsyncIterator[CompletionRequest]:
        """The request with what is too large to send along in Gemini's file store, for the block.

        Raises:
            AIProxyError: a file could not be put there; MediaError where Gemini could not read it.
        """
        if _media_bytes(request) <= MAX_INLINE_PART:
            yield request
            return
        from aiproxy_desktop.core.providers.gemini.files import FileCalls, GeminiFiles, too_large

        parts = too_large(request)
        if parts:
            self.completion_body(
                self.adapt(request)[0]
            )  # what cannot be said is found before anything is sent
        files = GeminiFiles(self._http, FileCalls(self._file_call, self._upload_call))
        async with files.hosted(request, parts) as hosted:
            yield hosted

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:
        """A fresh decoder for one answer."""
        images = request.images or self._rules_of(request.model).images_out
        return GenerateContentDecoder(fail, MAX_IMAGE_FRAME_BYTES if images else MAX_FRAME_BYTES)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models that answer in text, then those that make images. Which of them think is remembered.

        Raises:
            AIProxyError: and nothing else.
        """
        rows: list[Mapping[str, Any]] = []
        total = 0
        token = ""
        for _ in range(_MAX_PAGES):
            page = f"&pageToken={quote(token, safe='')}" if token else ""
            call = await self._call("GET", f"/models?pageSize=1000{page}", None)
            payload, sent = await read_list(await self._http.fetch(call, MAX_LIST_BYTES), ("models",))
            total += sent
            if not isinstance(payload, Mapping) or not isinstance(payload.get("models", []), list):
                raise self.unreadable_list()
            rows += [row for row in payload.get("models", []) if isinstance(row, Mapping)]
            token = payload.get("nextPageToken") or ""
            if not isinstance(token, str) or not token:
                break
        self._thinking = {plain_name(_name(row)): row.get("thinking") is True for row in rows}
        models: dict[str, ModelInfo] = {}
        for model in await in_slices(rows[:MOST_MODELS], self._model):
            if model is not None:
                models.setdefault(model.id, model)
        self._drawing = tuple(one for one in models.values() if one.capabilities.images_out)
        self._talking = tuple(dict.fromkeys(_name(row) for row in rows[:MOST_MODELS] if _talks(row)))
        listed = sorted(models.values(), key=lambda model: model.capabilities.images_out is True)
        return CutList.of(listed, total) if total > MOST_MODELS else tuple(listed)

    async def stream_images(self, request: ImageRequest) -> AsyncGenerator[ImageEvent]:
        """Make or change images, event by event (see `images.values`).

        Raises:
            AIProxyError: and nothing else; InvalidRequestError and UnsupportedError before anything is sent.
        """
        from aiproxy_desktop.core.images.chat_images import Painter, stream_images

        model = plain_name(self._real_name(request.model))
        draws = self._rules_of(request.model).images_out is not False
        painter = Painter(self.id, self.label, PROVIDER, model, self.stream, draws)
        async with aclosing(stream_images(painter, request)) as events:
            async for event in events:
                yield event

    def image_models(self) -> tuple[ModelInfo, ...]:
        """The image models of the last list; before any list, those that Gemini is known to have."""
        if self._drawing is not None:
            return self._drawing
        from aiproxy_desktop.core.images.models import IMAGE_MODELS

        names = (one.id for one in IMAGE_MODELS if one.maker == PROVIDER)
        known = ((name, capabilities(name, rules_for(name), None)) for name in names)
        return tuple(ModelInfo(name, self.id, name, capabilities=able) for name, able in known)

    def live_service(self) -> LiveService:
        """Gemini Live, on this account."""
        from aiproxy_desktop.core.live.services import GeminiLiveService

        return GeminiLiveService(self._credentials, self._base_url, provider=self.id, label=self.label)

    def live_models(self) -> tuple[str, ...]:
        """The live models of the last list; before any list, those that Gemini is known to have."""
        if self._talking is not None:
            return self._talking
        from aiproxy_desktop.core.live.models import known_live_models

        return known_live_models(PROVIDER)

    def _model(self, row: Mapping[str, Any]) -> ModelInfo | None:
        name = _name(row)
        if "generateContent" not in _methods(row):
            return None
        if not name or holds_word(name, NOT_LISTED):
            return None
        window, output = (
            size if isinstance(size, int) and size > 0 else None
            for size in (row.get("inputTokenLimit"), row.get("outputTokenLimit"))
        )
        shown, said, thinking = row.get("displayName"), row.get("description"), row.get("thinking")
        return ModelInfo(
            name,
            self.id,
            shown if isinstance(shown, str) and shown else name,
            window,
            output,
            capabilities=capabilities(
                name, self._rules_of(name), thinking if isinstance(thinking, bool) else None
            ),
            description=said if isinstance(said, str) else "",
        )

    def _check_shape(self, request: CompletionRequest) -> None:
        """Refuse a shape of images that the model does not make, where it is known.

        Raises:
            InvalidRequestError: naming those that it makes.
        """
        shape = {name: value for name, value in request.extra.items() if own_name(name) in IMAGE_SHAPE}
        if not shape:
            return
        from aiproxy_desktop.core.images.models import image_model_facts
        from aiproxy_desktop.core.images.requests import check_shape

        facts = image_model_facts(self._real_name(request.model))
        if facts is not None:
            check_shape(facts, {_SHAPE_NAMES[own_name(name)]: value for name, value in shape.items()})

    def _real_name(self, model: str) -> str:
        """What a name stands for; a model that the provider itself lists is no alias."""
        name = plain_name(model)
        return model if name in self._thinking else ALIASES.get(name, model)

    def _rules_of(self, model: str) -> GeminiRules:
        name = self._real_name(model)
        return self._rules.get(name) or rules_for(name)

    async def _file_call(self, method: str, path: str) -> HttpCall:
        return await self._call(method, path, None)

    async def _upload_call(self, content: bytes, headers: Mapping[str, str]) -> HttpCall:
        return await self._call("POST", "/files", content, headers, upload=True)

    async def _call(
        self,
        method: str,
        path: str,
        content: bytes | None,
        headers: Mapping[str, str] | None = None,
        upload: bool = False,
    ) -> HttpCall:
        base = self._base(upload)
        key = await key_of(self._credentials, self.id, self.label, required=True)
        sent = {"x-goog-api-key": key or "", **(headers or {})}
        if content is not None:
            sent["content-type"] = "application/json"
        timeouts = None if content is not None else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, base + path, sent, content, key, timeouts)

    def _base(self, upload: bool) -> str:
        """The base address with its version; uploads have a path of their own before it."""
        try:
            base = parse_base_url(self._base_url)
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        version = next((version for version in _VERSIONS if base.endswith(version)), "")
        root = base.removesuffix(version)
        return f"{root}{'/upload' if upload else ''}{version or f'/{_VERSION}'}"


def _media_bytes(request: CompletionRequest) -> int:
    media = (part for message in request.messages for part in message.parts if isinstance(part, MediaPart))
    return sum(len(part.data) for part in media)


def _name(row: Mapping[str, Any]) -> str:
    name = row.get("name")
    return name.removeprefix("models/") if isinstance(name, str) else ""


def _methods(row: Mapping[str, Any]) -> list[Any]:
    methods = row.get("supportedGenerationMethods") or row.get("supportedActions")
    return methods if isinstance(methods, list) else []


def _talks(row: Mapping[str, Any]) -> bool:
    if "bidiGenerateContent" not in _methods(row) or not _name(row):
        return False
    from aiproxy_desktop.core.live.models import holds_conversations

    return holds_conversations(_name(row))


def gemini_provider(context: ProviderContext) -> GeminiProvider:
    """Gemini, or the server at GOOGLE_GEMINI_BASE_URL."""
    url = context.environ.get("GOOGLE_GEMINI_BASE_URL", "").strip() or GEMINI_BASE_URL
    return GeminiProvider(context.http, context.credentials, url)
