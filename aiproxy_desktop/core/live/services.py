"""The services that hold live sessions: where each is, with which key, and its codec."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from aiproxy_desktop.core.credentials import key_of
from aiproxy_desktop.core.endpoints import is_loopback, parse_base_url
from aiproxy_desktop.core.errors import InvalidEndpointError
from aiproxy_desktop.core.live.codec import LiveAddress
from aiproxy_desktop.core.live.gemini_codec import GeminiLiveCodec
from aiproxy_desktop.core.live.openai_codec import OpenAIRealtimeCodec
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.core.provider import Credentials

GEMINI_LIVE_URL = "https://generativelanguage.googleapis.com"
OPENAI_REALTIME_URL = "https://api.openai.com/v1"

_GEMINI_VERSIONS = ("v1", "v1beta", "v1alpha")
_GEMINI_VERSION = "v1beta"


class GeminiLiveService:
    """Gemini Live with an API key, which goes into a header and never into the address."""

    def __init__(
        self,
        credentials: Credentials,
        base_url: str = GEMINI_LIVE_URL,
        *,
        provider: str = "gemini",
        label: str = "Gemini",
    ) -> None:
        """Describe an account; nothing is checked before `address`.

        Args:
            credentials: asked for the key of `provider` at each connection.
            base_url: http or https, with or without the version at its end; http only on this machine.
            provider: its provider's id.
            label: what a person calls it.
        """
        self._credentials, self._base_url = credentials, base_url
        self._provider, self._label = provider, label

    @property
    def provider(self) -> str:
        """Its provider's id."""
        return self._provider

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._label

    async def address(self, options: LiveOptions) -> LiveAddress:  # noqa: ARG002 - one for all models
        """Where to connect now.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
        """
        base = socket_base(self._base_url, self._provider)
        root, _, last = base.rpartition("/")
        version = last if last in _GEMINI_VERSIONS else _GEMINI_VERSION
        if last in _GEMINI_VERSIONS:
            base = root
        key = await key_of(self._credentials, self._provider, self._label, required=True)
        method = f"google.ai.generativelanguage.{version}.GenerativeService.BidiGenerateContent"
        return LiveAddress(f"{base}/ws/{method}", {"x-goog-api-key": key or ""})

    def codec(self) -> GeminiLiveCodec:
        """For one connection."""
        return GeminiLiveCodec(self._provider, self._label)


class OpenAIRealtimeService:
    """OpenAI Realtime, or a server that speaks it."""

    def __init__(
        self,
        credentials: Credentials,
        base_url: str = OPENAI_REALTIME_URL,
        *,
        provider: str = "openai",
        label: str = "OpenAI",
        needs_key: bool = True,
    ) -> None:
        """Describe an account; nothing is checked before `address`.

        Args:
            credentials: asked for the key of `provider` at each connection.
            base_url: http or https, up to and without `/realtime`; http only on this machine.
            provider: its provider's id.
            label: what a person calls it.
            needs_key: whether a connection without a key is an error; a key that is there is always sent.
        """
        self._credentials, self._base_url, self._needs_key = credentials, base_url, needs_key
        self._provider, self._label = provider, label

    @property
    def provider(self) -> str:
        """Its provider's id."""
        return self._provider

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._label

    async def address(self, options: LiveOptions) -> LiveAddress:
        """Where to connect now: the model is part of the address.

        Raises:
            ConfigurationError: no key, one that cannot be sent, or a base URL that is not one.
        """
        base = socket_base(self._base_url, self._provider)
        key = await key_of(self._credentials, self._provider, self._label, required=self._needs_key)
        headers = {"authorization": f"Bearer {key}"} if key is not None else {}
        return LiveAddress(f"{base}/realtime?model={quote(options.model, safe='')}", headers)

    def codec(self) -> OpenAIRealtimeCodec:
        """For one connection."""
        return OpenAIRealtimeCodec(self._provider, self._label)


def socket_base(base_url: str, provider: str) -> str:
    """A base URL as one for WebSockets: wss for https, ws for http.

    Raises:
        InvalidEndpointError: it is no base URL, or http to another machine: key and voice would go there
            in the open.
    """
    try:
        base = parse_base_url(base_url)
    except InvalidEndpointError as error:
        error.provider = provider
        raise
    parts = urlsplit(base)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise InvalidEndpointError(
            "Voice needs an encrypted connection",
            "The address must begin with https:// unless it is on this machine.",
            provider=provider,
        )
    scheme = "wss" if parts.scheme == "https" else "ws"
    return parts._replace(scheme=scheme).geturl()
