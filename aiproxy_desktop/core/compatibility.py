"""Whether a model can take a request, told before anything is sent. Values in, values out.

Only what is known refuses: a capability that nobody has told of passes, and the provider decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from aiproxy_desktop.core.credentials import KEY_VARIABLES
from aiproxy_desktop.core.endpoints import ADDRESS_VARIABLES
from aiproxy_desktop.core.errors import RequestTooLargeError, UnsupportedError
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    HostedMediaPart,
    MediaLink,
    MediaPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.core.selection import ranked
from aiproxy_desktop.core.text_documents import is_text_document

LENGTH = "length"

_MOST_ALTERNATIVES = 3
# No text has tokens this long on average, in bytes of UTF-8, so what is refused is certainly too long.
_MOST_BYTES_A_TOKEN = 32

# The parts of a request and the capabilities they need.
_NEEDS = {
    "image": "vision",
    "audio": "audio",
    "video": "video",
    "document": "documents",
    "tools": "tools",
    "json_mode": "json_mode",
    "json_schema": "json_schema",
    "images": "images_out",
}
# What codecs put in other words, or leave out with a note; all else is taken or refused.
_TRANSLATED = {
    "json_mode": "It is asked for JSON in words.",
    "json_schema": "It is asked for JSON in words.",
    "images": "It answers in text.",
}
# The same of one provider's own codec.
_TRANSLATED_BY = {
    "builtin": {"tools": "They are left out, unless it must call one."},
}

_SHOWN = {
    "image": "images",
    "audio": "audio",
    "video": "video",
    "document": "documents such as PDF",
    "tools": "tools",
    "json_mode": "JSON mode",
    "json_schema": "a JSON schema for its answer",
    "images": "requests for images",
}

# Sounds that a provider takes (openai 3.54.0 `ChatCompletionContentPartInputAudio`; Gemini's audio guide).
_AUDIO_FORMATS = {
    "openai": frozenset({"mp3", "wav"}),
    "azure": frozenset({"mp3", "wav"}),
    "gemini": frozenset({"aac", "aiff", "flac", "mp3", "ogg", "wav"}),
}
# Who reads files where they are (ai.google.dev/gemini-api/docs/files: by a whole uri, never by a bare id).
_READS_ADDRESSES = "gemini"
# All others that are known give files ids of their own, but for the gateway, which passes on what the
# models behind it read. What a plug-in or a server of no known kind reads is not known.
_READ_IDS = frozenset({*KEY_VARIABLES, *ADDRESS_VARIABLES}) - {_READS_ADDRESSES, "litellm"}
_SAME_FORMAT = {
    "mpeg": "mp3",
    "mpga": "mp3",
    "wave": "wav",
    "vnd.wave": "wav",
    "aif": "aiff",
    "mp4a-latm": "aac",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not fit. `refused` is False for what is only worth a remark.

    `part` is a kind of media ("image", "audio", "video", "document"), "tools", "json_mode", "json_schema",
    "images" (asked for in the answer), "max_tokens", "retired" or "length".
    """

    part: str
    title: str
    advice: str = ""
    refused: bool = True


def check(
    model: ModelInfo, request: CompletionRequest, known: Iterable[ModelInfo] = (), today: date | None = None
) -> tuple[Problem, ...]:
    """All that stands against sending a request to a model, what is refused first.

    Args:
        model: the model, completed by the catalogue.
        request: the request; links may be loaded or not.
        known: models at hand, of which the advice names up to three that could take it.
        today: by which day a model is retired; None asks the clock.
    """
    found = _problems(model, request, today)
    if not any(one.refused for one in found):
        return found
    others = _alternatives(found, model, request, known)
    return tuple(
        Problem(one.part, one.title, _advice(one, others), one.refused) if one.refused else one
        for one in found
    )


def alternatives(
    model: ModelInfo, request: CompletionRequest, known: Iterable[ModelInfo]
) -> tuple[ModelInfo, ...]:
    """At most three other models at hand that are known to take what this one does not, best first."""
    return _alternatives(_problems(model, request), model, request, known)


def refused_parts(model: ModelInfo, request: CompletionRequest) -> tuple[str, ...]:
    """The parts (see `Problem`) that no codec could translate: media, tools, and too long a text."""
    found = (
        *_unable(model, request),
        *_foreign_sounds(model, request),
        *_foreign_files(model, request),
        *_too_long(model, request),
    )
    return tuple(one.part for one in found if one.refused)


def refuse(
    model: ModelInfo, request: CompletionRequest, known: Iterable[ModelInfo] = (), today: date | None = None
) -> None:
    """Let a request pass, or refuse it.

    JSON modes and images in the answer are never refused: codecs translate them, or leave them out with a
    note.

    Raises:
        UnsupportedError: the model is known not to take a part; it names both, and up to three models at
            hand that do.
        RequestTooLargeError: the text certainly exceeds the context window.
    """
    found = _problems(model, request, today)
    first = next((one for one in found if one.refused), None)
    if first is None:
        return
    others = _alternatives(found, model, request, known)
    if first.part == LENGTH:
        raise RequestTooLargeError(first.title, _advice(first, others), provider=model.provider)
    raise UnsupportedError(
        first.title,
        _advice(first, others),
        part=first.part,
        model=model.reference,
        alternatives=tuple(one.reference for one in others),
        provider=model.provider,
    )


def name_alternatives(error: UnsupportedError, known: Iterable[ModelInfo]) -> None:
    """Put models at hand that take the part into a refusal that names none, as a codec's cannot."""
    part = error.part
    if error.alternatives or part not in _NEEDS:
        return
    able = [one for one in known if one.reference != error.model and _able(one.capabilities, part)]
    names = tuple(one.reference for one in ranked(able)[:_MOST_ALTERNATIVES])
    if names:
        error.alternatives = names
        error.advice = f"{error.advice} {' or '.join(names)} could take it.".lstrip()


def _problems(model: ModelInfo, request: CompletionRequest, today: date | None = None) -> tuple[Problem, ...]:
    found = [
        *_unable(model, request),
        *_foreign_sounds(model, request),
        *_foreign_files(model, request),
        *_too_long(model, request),
        *_remarks(model, request, today),
    ]
    return tuple(sorted(found, key=lambda one: not one.refused))


def _unable(model: ModelInfo, request: CompletionRequest) -> Iterator[Problem]:
    for part in _parts(request):
        if _able(model.capabilities, part) is False:
            advice = _TRANSLATED.get(part) or _TRANSLATED_BY.get(model.maker, {}).get(part, "")
            yield Problem(part, f"{_named(model)} does not take {_SHOWN[part]}", advice, refused=not advice)


def _able(capabilities: Capabilities, part: str) -> bool | None:
    able: bool | None = getattr(capabilities, _NEEDS[part])
    if part == "json_schema" and able is False:
        return capabilities.json_mode or able  # JSON without the schema enforced is still JSON
    return able


def _parts(request: CompletionRequest) -> dict[str, None]:
    """What the request asks of a model, in the order in which it comes, each once."""
    found: dict[str, None] = {}
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, MediaPart | MediaLink | HostedMediaPart) and not _is_text(part):
                found[part.kind] = None
    if any(isinstance(tool, Tool) for tool in request.tools):
        found["tools"] = None
    if request.response_format is not None:
        found["json_mode" if request.response_format.kind == "json_object" else "json_schema"] = None
    if request.images:
        found["images"] = None
    return found


def _is_text(part: MediaPart | MediaLink | HostedMediaPart) -> bool:
    """Whether a document goes in as text, or may do so once it is loaded."""
    unknown = isinstance(part, MediaLink) and part.kind == "document" and not part.mime
    return unknown or is_text_document(part)


def _foreign_sounds(model: ModelInfo, request: CompletionRequest) -> Iterator[Problem]:
    taken = _AUDIO_FORMATS.get(model.maker)
    if taken is None or model.capabilities.audio is False:
        return
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, MediaPart) and part.kind == "audio" and _format(part.mime) not in taken:
                title = f"{_named(model)} does not take audio of the type {part.mime[:60]}"
                yield Problem("audio", title, f"Convert it to one of {', '.join(sorted(taken))}.")
                return


def _foreign_files(model: ModelInfo, request: CompletionRequest) -> Iterator[Problem]:
    """Files that are held where the model's provider does not look for them."""
    for part in _hosted(request):
        addressed = _is_address(part)
        if model.maker not in (_READ_IDS if addressed else {_READS_ADDRESSES}):
            continue
        shown = "".join(char for char in part.uri.partition("?")[0][:80] if char.isprintable())
        yield Problem(
            part.kind,
            f"{_named(model)} cannot read the {part.kind} “{shown}”",
            "Gemini alone reads it there: send the file itself."
            if addressed
            else "That is no address of a file at Gemini: send its whole uri, or the file itself.",
        )


def _hosted(request: CompletionRequest) -> Iterator[HostedMediaPart]:
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, HostedMediaPart):
                yield part


def _is_address(part: HostedMediaPart) -> bool:
    return "://" in part.uri


def _format(mime: str) -> str:
    name = mime.partition(";")[0].strip().lower().partition("/")[2].removeprefix("x-")
    return _SAME_FORMAT.get(name, name)


def _too_long(model: ModelInfo, request: CompletionRequest) -> Iterator[Problem]:
    window = model.context_window
    # A character is at most four bytes: most requests are cleared without encoding anything.
    if window is None or _text_size(request, len) * 4 <= window * _MOST_BYTES_A_TOKEN:
        return
    if _text_size(request, _bytes) > window * _MOST_BYTES_A_TOKEN:
        yield Problem(
            LENGTH,
            f"The conversation is too long for {_named(model)}",
            f"It takes {window:,} tokens at most: shorten it, or pick a model with a larger context.",
        )


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _text_size(request: CompletionRequest, size: Callable[[str], int]) -> int:
    total = 0
    for message in request.messages:
        for part in message.parts:
            if isinstance(part, TextPart):
                total += size(part.text)
            elif isinstance(part, ToolCallPart):
                total += size(part.arguments)
            elif isinstance(part, ToolResultPart):
                total += size(part.content)
    return total


def _remarks(model: ModelInfo, request: CompletionRequest, today: date | None) -> Iterator[Problem]:
    limit = model.output_limit
    if limit is not None and request.max_tokens is not None and request.max_tokens > limit:
        title = f"{_named(model)} writes at most {limit:,} tokens, and {request.max_tokens:,} were asked for"
        yield Problem("max_tokens", title, "The answer will end sooner.", refused=False)
    # No refusal: dates move, and compatible servers go on serving what a vendor has retired.
    if model.retires_on is not None and model.retires_on <= (today or datetime.now(UTC).date()):
        title = f"{_named(model)} was retired on {model.retires_on.isoformat()}"
        yield Problem("retired", title, "Pick one that its provider lists.", refused=False)


def _alternatives(
    found: Iterable[Problem], model: ModelInfo, request: CompletionRequest, known: Iterable[ModelInfo]
) -> tuple[ModelInfo, ...]:
    lacking = [one.part for one in found if one.refused and one.part in _NEEDS]
    tied = any(not _is_address(part) for part in _hosted(request))  # an id means nothing elsewhere
    least = _text_size(request, _bytes) / _MOST_BYTES_A_TOKEN  # tokens, for certain

    def takes(other: ModelInfo) -> bool:
        if other.reference == model.reference or not all(_able(other.capabilities, part) for part in lacking):
            return False
        if other.context_window is not None and other.context_window < least:
            return False
        if tied and other.provider != model.provider:
            return False
        foreign = (*_foreign_sounds(other, request), *_foreign_files(other, request))
        return not foreign and not any(_unable(other, request))

    longer = any(one.part == LENGTH for one in found)
    fitting = [one for one in known if takes(one) and not (longer and one.context_window is None)]
    return tuple(ranked(fitting)[:_MOST_ALTERNATIVES])


def _advice(problem: Problem, others: tuple[ModelInfo, ...]) -> str:
    names = " or ".join(one.reference for one in others)
    if problem.advice:
        return f"{problem.advice} {names} could take it." if names else problem.advice
    return f"Leave it out, or use {names}." if names else "Leave it out, or pick another model."


def _named(model: ModelInfo) -> str:
    return model.display_name[:80]
