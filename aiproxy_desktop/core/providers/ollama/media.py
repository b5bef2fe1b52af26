"""What the models of an Ollama server can be given, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from aiproxy_desktop.core.errors import UnsupportedError
from aiproxy_desktop.core.messages import CompletionRequest, HostedMediaPart, MediaPart
from aiproxy_desktop.core.models import UNKNOWN_CAPABILITIES, Capabilities, ModelInfo
from aiproxy_desktop.core.text_documents import document_text

# What the server decodes: images by Go's and stb's decoders, sounds by their first bytes (`llm/media.go`
# of Ollama's source). Sounds travel beside the images.
_TYPES: dict[str, tuple[frozenset[str], str]] = {
    "image": (
        frozenset({"image/png", "image/jpeg", "image/jpg", "image/webp", "image/gif", "image/bmp"}),
        "PNG or JPEG",
    ),
    "audio": (
        frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/mpeg", "audio/mp3"}),
        "WAV or MP3",
    ),
}
_READS: dict[str, Callable[[Capabilities], bool | None]] = {
    "image": lambda capabilities: capabilities.vision,
    "audio": lambda capabilities: capabilities.audio,
    "video": lambda _: False,
    "document": lambda _: False,
}
_WORDS = {"image": "images", "audio": "sound", "video": "video", "document": "documents that are not text"}


def check_request(
    request: CompletionRequest, known: Iterable[ModelInfo], info: ModelInfo | None, provider: str = "ollama"
) -> None:
    """Refuse what the model is known not to take. What is not known of it is left to the server.

    `provider` is the id of the server that it would be sent to.

    Raises:
        UnsupportedError: with the models among the known ones that take it.
    """
    mine = info.capabilities if info is not None else UNKNOWN_CAPABILITIES
    if request.tools and mine.tools is False:
        others = [model.reference for model in known if model.capabilities.tools]
        raise _refusal(request, provider, "tools", "be given tools", "Leave the tools out", others)
    for part in _media(request):
        reads = _READS[part.kind]
        if isinstance(part, HostedMediaPart) or reads(mine) is False:
            others = [model.reference for model in known if reads(model.capabilities)]
            advice = f"Leave the {part.kind} out"
            raise _refusal(request, provider, part.kind, f"read {_WORDS[part.kind]}", advice, others)
        types, better = _TYPES[part.kind]
        if part.mime.partition(";")[0].strip().lower() not in types:
            raise UnsupportedError(
                f"Ollama cannot read {part.kind} of the type {part.mime[:40]}",
                f"Convert it to {better}.",
                part=part.kind,
                model=f"{provider}:{request.model}",
                provider=provider,
            )


def _media(request: CompletionRequest) -> Iterator[MediaPart | HostedMediaPart]:
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, HostedMediaPart) or (
                isinstance(part, MediaPart) and document_text(part) is None
            ):
                yield part


def _refusal(
    request: CompletionRequest, provider: str, part: str, what: str, advice: str, others: list[str]
) -> UnsupportedError:
    names = f": {', '.join(others[:3])}" if others else ""
    return UnsupportedError(
        f"{request.model[:80]} cannot {what}",
        f"{advice}, or pick a model that can{names}.",
        part=part,
        model=f"{provider}:{request.model}",
        alternatives=tuple(others),
        provider=provider,
    )
