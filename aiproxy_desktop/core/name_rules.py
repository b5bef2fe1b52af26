"""Who serves a bare model name, as data. A provider's own report always goes first."""

from __future__ import annotations

from fnmatch import fnmatchcase
from functools import lru_cache

# The first match wins. None stops the search: the open-weight gpt-oss models are served by anyone but OpenAI.
# These names are their vendor's own, so nobody need be asked.
_VENDORS: tuple[tuple[str, str | None], ...] = (
    ("gpt-oss*", None),
    ("gpt-*", "openai"),
    ("chatgpt-*", "openai"),
    ("dall-e-[23]", "openai"),
    ("ft:gpt-*", "openai"),
    ("o1", "openai"),
    ("o1-*", "openai"),
    ("o3", "openai"),
    ("o3-*", "openai"),
    ("o4-*", "openai"),
    ("gemini-*:*", None),
    ("gemini-*", "gemini"),
    ("models/gemini-*", "gemini"),
    ("tunedmodels/*", "gemini"),
    ("g2.5-flash-image", "gemini"),
    ("claude-*:*", None),
    ("claude-*", "anthropic"),
)

# What a name looks like that nobody reports: the seed's own table and patterns, and what only Ollama writes
# so, pulled or not: `name:tag`, and a family with its version and no hyphen between.
_LOOKS: tuple[tuple[str, str | None], ...] = (
    ("ft:*", "openai"),
    ("*:*", "ollama"),
    ("gpt-oss*", None),
    ("gpt*", "openai"),
    ("*gemini*", "gemini"),
    ("claude*", "anthropic"),
    ("llama[0-9]", "ollama"),
    ("llama[0-9].[0-9]", "ollama"),
    ("llama[0-9].[0-9]-vision", "ollama"),
    ("gemma[0-9]", "ollama"),
    ("phi[0-9]", "ollama"),
    ("phi[0-9].[0-9]", "ollama"),
    ("qwen[0-9]", "ollama"),
    ("qwen[0-9].[0-9]", "ollama"),
    ("llava", "ollama"),
    ("mistral", "ollama"),
    ("mixtral", "ollama"),
    ("codellama", "ollama"),
    ("neural-chat", "ollama"),
    ("starling-lm", "ollama"),
    ("yi", "ollama"),
)

# Who fetches a model of any name, where the caller wants one fetched.
FETCHED_BY = "ollama"


@lru_cache(maxsize=1024)
def provider_by_vendor(model: str) -> str | None:
    """The provider whose own name this is, whether or not it reports it."""
    return _first(_VENDORS, model)


@lru_cache(maxsize=1024)
def provider_by_look(model: str) -> str | None:
    """Where a name belongs, by its look, that neither a vendor nor a report accounts for."""
    return _first(_LOOKS, model)


def _first(rules: tuple[tuple[str, str | None], ...], model: str) -> str | None:
    name = model.lower()
    for pattern, provider in rules:
        if fnmatchcase(name, pattern):
            return provider
    return None
