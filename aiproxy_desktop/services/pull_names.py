"""The name of a model in what people paste to have it pulled.

Names after https://github.com/ollama/ollama/blob/main/types/model/name.go: `host/namespace/model:tag`, of
which all but the model may be left out.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from aiproxy_desktop.core.errors import InvalidRequestError

_HELP = "Write it as ollama.com shows it, such as llama3.2 or gemma3:4b."
_MOST = 300

_COMMAND = re.compile(r"(?:[$>#%]\s*)?(?:\S*[\\/])?ollama(?:\.exe)?\s+(?:pull|run|show)\b(.*)", re.IGNORECASE)
_PART = r"[A-Za-z0-9_][A-Za-z0-9._-]{0,79}"
_NAME = re.compile(rf"(?:[A-Za-z0-9.-]{{1,100}}(?::\d{{1,5}})?/)?(?:{_PART}/)?{_PART}(?::{_PART})?")
_QUANTIZATION = re.compile(r"[-.](I?Q\d\w*|BF16|F16|F32|MXFP4\w*)\.gguf$", re.IGNORECASE)

_LIBRARY = {"ollama.com", "www.ollama.com", "ollama.ai", "registry.ollama.ai"}
_HUGGING_FACE = {"hf.co", "huggingface.co", "www.huggingface.co"}
# Pages of ollama.com that are about no model.
_PAGES = {
    "search",
    "download",
    "blog",
    "models",
    "signin",
    "signup",
    "docs",
    "pricing",
    "settings",
    "public",
    "cloud",
}


def pull_name(text: str) -> str:
    """A model's name as Ollama takes it, without `:latest`.

    Understands the name itself, the command (`ollama run …`), and addresses at ollama.com and Hugging Face.

    Raises:
        InvalidRequestError: there is none in it; the sentence says what is.
    """
    words = " ".join(text.split())
    if not words:
        raise InvalidRequestError("No model is named yet", _HELP)
    command = _COMMAND.fullmatch(words)
    if command is not None:
        named = [word for word in command[1].split() if not word.startswith("-")]
        if not named:
            raise InvalidRequestError("The command names no model", _HELP)
        words = named[0]  # what follows is a prompt
    words = words.strip("\"'`“”‘’<>")
    place = words.partition("://")
    if place[1] or words.lower().startswith((*_addressed(_LIBRARY), *_addressed(_HUGGING_FACE))):
        words = _named_by(words if place[1] else f"https://{words}")
    words = words.removesuffix(":latest")
    if len(words) > _MOST or not _NAME.fullmatch(words):
        raise InvalidRequestError(f"“{_shown(text)}” is not the name of a model", _HELP)
    return words


def _addressed(hosts: set[str]) -> tuple[str, ...]:
    return tuple(f"{host}/" for host in sorted(hosts))


def _named_by(url: str) -> str:
    """The name in a web address."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        host = ""
        parts = urlsplit("")
    path = [unquote(part) for part in parts.path.split("/") if part]
    if host in _LIBRARY:
        return _in_library(path)
    if host in _HUGGING_FACE:
        return _at_hugging_face(path)
    if parts.path.lower().endswith(".gguf"):
        raise InvalidRequestError(
            "That is the address of a file", "Add it under “From an address”, where files are downloaded."
        )
    raise InvalidRequestError(f"{host or 'That address'} has no models that Ollama can fetch", _HELP)


def _in_library(path: list[str]) -> str:
    if path[:1] == ["library"]:
        path = path[1:2]
    elif path and path[0] in _PAGES:
        path = []
    if not path:
        raise InvalidRequestError("That page of ollama.com is about no single model", _HELP)
    return "/".join(path[:2])


def _at_hugging_face(path: list[str]) -> str:
    if len(path) < 2 or path[0] in {"models", "datasets", "spaces", "docs", "collections"}:
        raise InvalidRequestError(
            "That page of Hugging Face is about no single model",
            "Open the page of a model that has GGUF files, and copy its address.",
        )
    name = f"hf.co/{path[0]}/{path[1]}"
    found = _QUANTIZATION.search(path[-1]) if len(path) > 2 else None
    return name if found is None else f"{name}:{found[1].upper()}"


def _shown(text: str) -> str:
    clean = "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
    return clean if len(clean) <= 80 else clean[:79] + "…"
