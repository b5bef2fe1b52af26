"""Where the core's keys come from when nothing else provides them."""

from __future__ import annotations

from collections.abc import Mapping

from aiproxy_desktop.core.errors import InvalidKeyError, MissingKeyError
from aiproxy_desktop.core.provider import Credentials

# The first variable that is set wins; the order of Gemini's is that of Google's own client.
KEY_VARIABLES: dict[str, tuple[str, ...]] = {
    "openai": ("OPENAI_API_KEY",),
    "gemini": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
    "anthropic": ("ANTHROPIC_API_KEY",),
    # Each vendor's own documentation names its variable; providers/vendors.py has the rows.
    "groq": ("GROQ_API_KEY",),
    "together": ("TOGETHER_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY",),
    "mistral": ("MISTRAL_API_KEY",),
    "deepseek": ("DEEPSEEK_API_KEY",),
    "xai": ("XAI_API_KEY",),
    "fireworks": ("FIREWORKS_API_KEY",),
    "cerebras": ("CEREBRAS_API_KEY",),
    "azure": ("AZURE_OPENAI_API_KEY",),
    "litellm": ("LITELLM_PROXY_API_KEY",),
    "vllm": ("VLLM_API_KEY",),
    "llamacpp": ("LLAMA_API_KEY",),
}


def without_keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a helper process, which has no business with keys."""
    secret = {name for names in KEY_VARIABLES.values() for name in names}
    return {name: value for name, value in environ.items() if name not in secret}


class EnvironmentCredentials:
    """Keys from environment variables, read at each call."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    async def key_for(self, provider: str) -> str | None:
        """The key of a provider, or None; a variable holding only space counts as not set."""
        for name in KEY_VARIABLES.get(provider, ()):
            value = self._environ.get(name, "").strip()
            if value:
                return value
        return None

    def __repr__(self) -> str:
        return "EnvironmentCredentials()"


class StaticCredentials:
    """Keys given in the program: provider id to key."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        self._keys = dict(keys)

    async def key_for(self, provider: str) -> str | None:
        """The key of a provider, or None."""
        return self._keys.get(provider)

    def __repr__(self) -> str:
        return f"StaticCredentials({', '.join(sorted(self._keys))})"


def checked_key(text: str, *, provider: str | None = None) -> str:
    """A key as it can stand in a header, without the space round it.

    Raises:
        InvalidKeyError: it is empty, or holds a line break, a control character or anything
            outside ASCII. Neither the message nor what a report shows of the frames holds the key.
    """
    key = text.strip()
    fault = _fault_of(key)
    if not fault:
        return key
    del text, key
    raise InvalidKeyError("The key cannot be used", fault, provider=provider)


def _fault_of(key: str) -> str:
    """Why a key cannot be sent; empty where it can."""
    if not key:
        return "It is empty."
    if "\n" in key or "\r" in key:
        return "It holds a line break; copy it again as one line."
    if any(char.isspace() for char in key):
        return "It holds a space; copy it again without one."
    if not key.isascii():
        return "It holds characters that no key has; copy it again."
    return "" if key.isprintable() else "It holds a control character; copy it again."


async def key_of(credentials: Credentials, provider: str, label: str, *, required: bool) -> str | None:
    """The checked key of a provider at the moment of a call; None where none is needed or known.

    Raises:
        MissingKeyError: it is required and there is none.
        InvalidKeyError: it cannot be sent.
    """
    key = (await credentials.key_for(provider) or "").strip()
    fault = _fault_of(key) if key else ""
    if key and not fault:
        return key
    del key
    if fault:
        raise InvalidKeyError("The key cannot be used", fault, provider=provider)
    if not required:
        return None
    names = KEY_VARIABLES.get(provider, ())
    advice = "Add one in Settings" + (f", or set {' or '.join(names)}." if names else ".")
    raise MissingKeyError(f"There is no key for {label}", advice, provider=provider)
