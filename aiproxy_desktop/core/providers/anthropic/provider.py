"""Anthropic's Claude: the messages interface over server-sent events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from aiproxy_desktop.core.answer import AnswerDecoder, Fail
from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError, InvalidRequestError, RequestError
from aiproxy_desktop.core.events import Noted
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.list_bodies import MAX_LIST_BYTES, read_list
from aiproxy_desktop.core.messages import CompletionRequest, OpaquePart
from aiproxy_desktop.core.model_hygiene import MOST_MODELS, CutList
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.offers import ProviderContext
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS, HttpProvider
from aiproxy_desktop.core.providers.anthropic.thoughts import PROVIDER, is_own_thought
from aiproxy_desktop.core.providers.refused_fields import FIELDS_OF_OPENAI, RefusedFields
from aiproxy_desktop.core.slices import in_slices
from aiproxy_desktop.core.wire_json import encode_json

if TYPE_CHECKING:
    from aiproxy_desktop.core.providers.anthropic.models import ModelRules

# The rest of the dialect is imported at the first call: every start needs the address alone.
ANTHROPIC_BASE_URL = "https://api.anthropic.com"

# The version of 2026-10-21 refuses sampling parameters on every model; this one lets each model decide.
_VERSION = "2023-06-01"
_MAX_PAGES = 10
_MAX_REFUSED_THOUGHTS = 1_000


class AnthropicProvider(HttpProvider):
    """Claude with an API key, or another service that speaks Anthropic's dialect."""

    def __init__(
        self,
        http: HttpClient,
        credentials: Credentials,
        base_url: str = ANTHROPIC_BASE_URL,
        *,
        provider_id: str = PROVIDER,
        label: str = "Anthropic",
    ) -> None:
        """Describe the service; nothing is checked or sent before a call.

        Args:
            http: shared client; not closed here.
            credentials: asked for the key of `provider_id` at each call.
            base_url: with or without the `/v1` at its end.
            provider_id: another one for a second account.
            label: what a person calls it.
        """
        super().__init__(provider_id, label, http, PROVIDER)
        self._credentials = credentials
        self._base_url = base_url
        # What the service said of its models by refusing, and in its list; the table knows the rest.
        self._learned: dict[str, ModelRules] = {}
        self._reported: dict[str, ModelRules] = {}
        self._refused_thoughts: set[str] = set()
        self._fields = RefusedFields(FIELDS_OF_OPENAI | {"store"})

    @property
    def server(self) -> str:
        """The base URL of its server, as it was set."""
        return self._base_url

    def rules_for(self, model: str) -> ModelRules:
        """What a model takes, as far as it is known."""
        from aiproxy_desktop.core.providers.anthropic.models import rules_of

        return self._learned.get(model) or self._reported.get(model) or rules_of(model)

    def adapt(self, request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
        """The request as its model takes it, with a note for each thing changed or left out.

        Raises:
            InvalidRequestError: the schema of the answer is not JSON.
        """
        from aiproxy_desktop.core.providers.anthropic.adapting import Adapted

        request, left_out = self._fields.left_out(request)
        adapted = Adapted(request, self.rules_for(request.model), self._refused_thoughts)
        return adapted.request, (*left_out, *adapted.notes)

    async def completion_call(self, request: CompletionRequest) -> HttpCall:
        """The request on the wire.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
            InvalidRequestError: something in it is not JSON.
            UnsupportedError: a part that no Claude model takes.
        """
        from aiproxy_desktop.core.providers.anthropic.writing import beta_features, message_body

        body = message_body(request, self.rules_for(request.model), self._refused_thoughts)
        try:
            content = encode_json(body)
        except (TypeError, ValueError, RecursionError):
            raise InvalidRequestError(
                "The request holds something that is not JSON",
                "Check the tools, the schema and the extra fields; they may be nested too deep.",
                provider=self.id,
            ) from None
        call = await self._call("POST", "/messages", content)
        betas = ",".join(beta_features(request))
        return replace(call, headers={**call.headers, "anthropic-beta": betas}) if betas else call

    def decoder(self, request: CompletionRequest, fail: Fail) -> AnswerDecoder:
        """A fresh decoder for one answer."""
        from aiproxy_desktop.core.providers.anthropic.decoding import MessagesDecoder

        return MessagesDecoder(fail, request.model)

    def revise(self, request: CompletionRequest, error: RequestError) -> bool:
        """Learn what the model does not take, or which thoughts the service would not have back."""
        if self._fields.learn(request, error):
            return True
        if error.status not in {400, 422}:
            return False
        from aiproxy_desktop.core.providers.anthropic.adapting import learned
        from aiproxy_desktop.core.providers.anthropic.writing import message_body

        words = error.detail.lower()
        if "signature" in words or "thinking` block" in words or "thinking block" in words:
            return self._refuse_thoughts(request)
        rules = self.rules_for(request.model)
        changed = learned(rules, error.detail)
        if changed == rules:
            return False
        before = self.adapt(request)[0]
        self._learned[request.model] = changed
        after = self.adapt(request)[0]
        return message_body(before, rules) != message_body(after, changed)

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """The models of the account, newest first, as the service lists them; retired ones are left out.

        Raises:
            AIProxyError: and nothing else.
        """
        from aiproxy_desktop.core.providers.anthropic.models import read_model

        rows: list[Mapping[str, Any]] = []
        total = 0
        after = ""
        for _ in range(_MAX_PAGES):
            page = f"&after_id={quote(after, safe='')}" if after else ""
            call = await self._call("GET", f"/models?limit=1000{page}", None)
            payload, sent = await read_list(await self._http.fetch(call, MAX_LIST_BYTES), ("data",))
            total += sent
            found = payload.get("data") if isinstance(payload, Mapping) else None
            if not isinstance(found, list):
                raise self.unreadable_list()
            rows += [row for row in found if isinstance(row, Mapping)]
            after = payload.get("last_id") or ""
            if payload.get("has_more") is not True or not isinstance(after, str) or not after:
                break
        models: dict[str, ModelInfo] = {}
        for read in await in_slices(rows[:MOST_MODELS], lambda row: read_model(row, self.id)):
            if read is not None and read[0].id not in models:
                models[read[0].id] = read[0]
                self._reported[read[0].id] = read[1]
        return CutList.of(models.values(), total) if total > MOST_MODELS else tuple(models.values())

    def _refuse_thoughts(self, request: CompletionRequest) -> bool:
        """Leave the thoughts of this conversation out from now on."""
        sent = {
            part.data
            for message in request.messages
            for part in message.parts
            if isinstance(part, OpaquePart) and is_own_thought(part, request.model, self._refused_thoughts)
        }
        if len(self._refused_thoughts) > _MAX_REFUSED_THOUGHTS:
            self._refused_thoughts.clear()
        self._refused_thoughts |= sent
        return bool(sent)

    async def _call(self, method: str, path: str, content: bytes | None) -> HttpCall:
        try:
            base = parse_base_url(self._base_url)
        except InvalidEndpointError as error:
            error.provider = self.id
            raise
        if not base.endswith("/v1"):
            base += "/v1"
        key = await key_of(self._credentials, self.id, self.label, required=True)
        headers = {"x-api-key": key or "", "anthropic-version": _VERSION}
        if content is not None:
            headers |= {"content-type": "application/json", "accept": "text/event-stream"}
        timeouts = None if content is not None else LIST_TIMEOUTS
        return HttpCall(self.id, self.label, method, base + path, headers, content, key, timeouts)


def anthropic_provider(context: ProviderContext) -> AnthropicProvider:
    """Anthropic, or the server at ANTHROPIC_BASE_URL."""
    url = context.environ.get("ANTHROPIC_BASE_URL", "").strip() or ANTHROPIC_BASE_URL
    return AnthropicProvider(context.http, context.credentials, url)
