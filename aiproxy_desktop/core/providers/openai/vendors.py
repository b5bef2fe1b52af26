"""Services and servers that speak OpenAI's interface: one row each, and nothing but rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.endpoints import ADDRESS_VARIABLES
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.provider import Credentials
from aiproxy_desktop.core.providers.openai.dialect import COMPATIBLE, OFFICIAL, ChatDialect
from aiproxy_desktop.core.providers.openai.provider import OpenAICompatibleProvider, is_official

_OPENAI_HOST = "api.openai.com"


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor of completions, or one kind of local server.

    `base_url` is empty where everyone has an address of their own. To one that is given, `endpoint_path` is
    added where it is missing; to that of a local kind of server only where it has no path at all. Hosts that
    end in one of `host_suffixes` are the vendor's, besides that of `base_url`. `local` is whether it runs on
    this machine.
    """

    id: str
    label: str
    base_url: str
    dialect: ChatDialect
    needs_key: bool = True
    local: bool = False
    endpoint_path: str = ""
    host_suffixes: tuple[str, ...] = ()

    @property
    def key_variables(self) -> tuple[str, ...]:
        """The environment variables of its key, the first that is set wins."""
        return KEY_VARIABLES.get(self.id, ())

    @property
    def endpoint_variables(self) -> tuple[str, ...]:
        """The environment variables of its address, the first that is set wins."""
        return ADDRESS_VARIABLES.get(self.id, ())

    def base_url_from(self, environ: Mapping[str, str]) -> str:
        """The base URL that the environment sets, else the usual one; empty where there is none."""
        for name in self.endpoint_variables:
            url = environ.get(name, "").strip()
            if url:
                return self.completed(url)
        return self.base_url

    def completed(self, url: str) -> str:
        """An address with the path that people leave out, as Azure's own variable does."""
        url = url.strip().rstrip("/")
        whole = url.endswith(self.endpoint_path) or (self.local and _has_path(url))
        return url if whole else url + self.endpoint_path


# console.groq.com/docs/openai: logprobs, logit_bias and top_logprobs are refused; /docs/reasoning.
_GROQ = replace(
    COMPATIBLE,
    limit_field="max_completion_tokens",
    not_chat=(*COMPATIBLE.not_chat, "orpheus", "playai"),
    dates_models=True,
    json_word=True,
    audio="",
    documents="",
    unsupported=("logprobs", "logit_bias", "top_logprobs"),
)

# docs.together.ai/docs/openai-api-compatibility and /reference/models (prices a million, `type`).
_TOGETHER = replace(COMPATIBLE, audio="", documents="", video=True, efforts=("low", "medium", "high"))

# openrouter.ai/docs: /api/reference (usage, reasoning), /features/multimodal (file, input_audio,
# video_url, modalities and images), /use-cases/reasoning-tokens (reasoning_details come back unchanged).
_OPENROUTER = replace(
    COMPATIBLE,
    dates_models=True,
    video=True,
    images_out=True,
    effort="reasoning",
    returned_reasoning="reasoning_details",
)

# docs.mistral.ai/api: ids of tool calls have nine letters or digits, "any" stands for "required",
# unknown fields are refused, counts come unasked; sound is bare base64, documents are links (data URLs).
_MISTRAL = replace(
    COMPATIBLE,
    not_chat=(*COMPATIBLE.not_chat, "ocr"),
    usage_option=False,
    audio="text",
    documents="document_url",
    required_choice="any",
    tool_id_length=9,
    unsupported=("logit_bias", "logprobs", "top_logprobs", "seed"),
)

# api-docs.deepseek.com: /guides/json_mode (no schemas, the word JSON is required), /guides/thinking_mode
# (the switch `thinking`; reasoning_content comes back with the tool calls it led to).
_DEEPSEEK = replace(
    COMPATIBLE,
    json_schema=False,
    json_word=True,
    audio="",
    documents="",
    effort="thinking",
    returned_reasoning="reasoning_content",
)

# docs.x.ai/docs/api-reference: /v1/language-models lists modalities and prices (`models`, in cents for a
# hundred million tokens), which /v1/models does not; logit_bias is refused. grok-4.3 takes the efforts
# none to high.
_XAI = replace(
    COMPATIBLE,
    limit_field="max_completion_tokens",
    list_path="/language-models",
    dates_models=True,
    audio="",
    documents="",
    efforts=("none", "low", "medium", "high"),
    unsupported=("logit_bias",),
)

# docs.fireworks.ai/tools-sdks/openai-compatibility: counts come in the last chunk.
_FIREWORKS = replace(COMPATIBLE, audio="", documents="")

# inference-docs.cerebras.ai/openai: these fields are refused with status 400.
_CEREBRAS = replace(
    COMPATIBLE,
    limit_field="max_completion_tokens",
    audio="",
    documents="",
    efforts=("none", "low", "medium", "high"),
    unsupported=("frequency_penalty", "logit_bias", "presence_penalty"),
)

# learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle: the v1 interface needs no api-version;
# the key goes into `api-key`. Names of models are those of deployments.
_AZURE = replace(OFFICIAL, key_header="api-key", dates_models=False)

# lmstudio.ai/docs/developer/openai-compat: `tool_choice` is a word, never a tool by name.
_LM_STUDIO = replace(COMPATIBLE, audio="", documents="", named_choice=False)

# docs.vllm.ai: /serving/openai_compatible_server, /features/multimodal_inputs, /features/reasoning_outputs.
_VLLM = replace(
    COMPATIBLE, documents="", video=True, effort="template", efforts=("none", "low", "medium", "high")
)

# github.com/ggml-org/llama.cpp, tools/server/README.md: input_audio is wav or mp3, `tool_choice` a word.
_LLAMA_CPP = replace(
    COMPATIBLE,
    audio_formats=("wav", "mp3"),
    documents="",
    effort="template",
    named_choice=False,
)

# docs.litellm.ai/docs/providers/litellm_proxy: whatever model is behind it, in OpenAI's words.
_LITELLM = replace(COMPATIBLE, video=True)

VENDORS: tuple[Vendor, ...] = (
    Vendor("groq", "Groq", "https://api.groq.com/openai/v1", _GROQ),
    Vendor(
        "together",
        "Together",
        "https://api.together.xyz/v1",
        _TOGETHER,
        host_suffixes=("api.together.ai",),
    ),
    Vendor("openrouter", "OpenRouter", "https://openrouter.ai/api/v1", _OPENROUTER),
    Vendor("mistral", "Mistral", "https://api.mistral.ai/v1", _MISTRAL),
    Vendor("deepseek", "DeepSeek", "https://api.deepseek.com/v1", _DEEPSEEK),
    Vendor("xai", "xAI", "https://api.x.ai/v1", _XAI),
    Vendor("fireworks", "Fireworks", "https://api.fireworks.ai/inference/v1", _FIREWORKS),
    Vendor("cerebras", "Cerebras", "https://api.cerebras.ai/v1", _CEREBRAS),
    Vendor(
        "azure",
        "Azure OpenAI",
        "",
        _AZURE,
        endpoint_path="/openai/v1",
        host_suffixes=(".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"),
    ),
    Vendor(
        "lmstudio",
        "LM Studio",
        "http://127.0.0.1:1234/v1",
        _LM_STUDIO,
        needs_key=False,
        local=True,
        endpoint_path="/v1",
    ),
    Vendor(
        "vllm", "vLLM", "http://127.0.0.1:8000/v1", _VLLM, needs_key=False, local=True, endpoint_path="/v1"
    ),
    Vendor(
        "llamacpp",
        "llama.cpp",
        "http://127.0.0.1:8080/v1",
        _LLAMA_CPP,
        needs_key=False,
        local=True,
        endpoint_path="/v1",
    ),
    Vendor(
        "litellm",
        "LiteLLM",
        "http://127.0.0.1:4000/v1",
        _LITELLM,
        needs_key=False,
        local=True,
        endpoint_path="/v1",
    ),
)


def vendor_by_id(vendor_id: str) -> Vendor | None:
    """The row of that id."""
    return next((vendor for vendor in VENDORS if vendor.id == vendor_id), None)


def vendor_by_address(base_url: str) -> Vendor | None:
    """The vendor whose own host an address names; local servers have none of their own."""
    host = _host(base_url)
    for vendor in VENDORS:
        own = not vendor.local and bool(host) and host == _host(vendor.base_url)
        if own or host.endswith(vendor.host_suffixes):
            return vendor
    return None


def key_owner(base_url: str) -> str:
    """The id under which the key for an address is known; empty where its host is nobody's we know."""
    host = _host(base_url)
    if host == _OPENAI_HOST or host.endswith(f".{_OPENAI_HOST}"):
        return "openai"
    vendor = vendor_by_address(base_url)
    return vendor.id if vendor is not None else ""


def build_vendor(
    vendor: Vendor, http: HttpClient, credentials: Credentials, base_url: str | None = None
) -> OpenAICompatibleProvider:
    """A provider for a row; nothing is checked or sent before a call.

    Args:
        vendor: the row.
        http: shared client; not closed by the provider.
        credentials: asked for the key under the row's id at each call.
        base_url: where its server is, instead of the usual address. A local server elsewhere (a
            cluster's vLLM, say) no longer counts as local.

    Raises:
        InvalidEndpointError: the row has no usual address and none is given.
    """
    url = vendor.completed(base_url.strip()) if base_url and base_url.strip() else vendor.base_url
    if not url:
        advice = "Set its base address in Settings"
        names = " or ".join(vendor.endpoint_variables)
        raise InvalidEndpointError(
            f"There is no address for {vendor.label}",
            f"{advice}, or set {names}." if names else f"{advice}.",
            provider=vendor.id,
        )
    return OpenAICompatibleProvider(
        vendor.id,
        vendor.label,
        url,
        http,
        credentials,
        needs_key=vendor.needs_key,
        local=vendor.local and _on_this_machine(url),
        dialect=vendor.dialect,
    )


def build_endpoint(
    provider_id: str,
    label: str,
    base_url: str,
    http: HttpClient,
    credentials: Credentials,
    *,
    needs_key: bool = False,
    vendor_id: str = "",
) -> OpenAICompatibleProvider:
    """A provider for a server at an address of one's own; nothing is checked or sent before a call.

    Args:
        provider_id: left side of `provider:model`, and the name its key is known by.
        label: what a person calls it.
        base_url: up to and without `/chat/completions`.
        http: shared client; not closed by the provider.
        credentials: asked for the key under `provider_id` at each call.
        needs_key: whether a call without a key is an error.
        vendor_id: the row whose quirks it has, or "openai"; by default that of whose host it is, if any.
    """
    vendor = vendor_by_id(vendor_id) or vendor_by_address(base_url)
    quirks = OFFICIAL if vendor_id == "openai" else None
    kind = OpenAICompatibleProvider
    if "openai" in {vendor_id, provider_id} or is_official(base_url):
        from aiproxy_desktop.core.providers.openai.account import OpenAIAccount

        kind = OpenAIAccount
    return kind(
        provider_id,
        label,
        base_url,
        http,
        credentials,
        needs_key=needs_key,
        # What answers in OpenAI's name here passes on to it: it costs what OpenAI says.
        local=_on_this_machine(base_url) and "openai" not in {vendor_id, provider_id},
        dialect=quirks if vendor is None else vendor.dialect,
        vendor=vendor_id or key_owner(base_url),
    )


def _on_this_machine(url: str) -> bool:
    from aiproxy_desktop.core.endpoints import is_loopback, split_url

    try:
        return is_loopback(split_url(url.strip()).hostname or "")
    except InvalidEndpointError:
        return False


def _has_path(url: str) -> bool:
    return "/" in (url.partition("://")[2] or url)


def _host(url: str) -> str:
    try:
        return urlsplit(url.strip()).hostname or ""
    except ValueError:  # no address
        return ""
