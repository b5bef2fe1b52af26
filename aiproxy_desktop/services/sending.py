"""From a stored thread and its settings to what the core's client is asked. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiproxy_desktop.core.messages import (
    MediaPart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.text_documents import text_in
from aiproxy_desktop.services.attachments import named_text
from aiproxy_desktop.services.web_search import web_search_of
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.records import Attachment, Passage, StoredMessage, StoredPart

_GO_ON = (
    "Your last answer was cut off. Go on exactly where it stopped, in the middle of the word or line if need"
    " be. Repeat nothing of it and say nothing about it: what you write is put right behind its last letter."
)


@dataclass(frozen=True, slots=True)
class Sending:
    """What `CompletionClient.stream` takes, and sentences about what of the settings was left out.

    `notes` are (option, sentence).
    """

    messages: tuple[Message, ...]
    options: Mapping[str, Any]
    notes: tuple[tuple[str, str], ...] = ()


async def history(thread: Sequence[StoredMessage], blobs: BlobStore | None = None) -> tuple[Message, ...]:
    """What is sent: the thread without empty answers, and with neighbours of one role joined.

    Some models' templates refuse two messages of one role in a row, which a failed answer would leave.
    The bytes of attachments are read here, just before they are needed.

    Raises:
        StorageError: an attachment of the last message cannot be read; where one of an earlier message is
            gone, a sentence stands in its place.
    """
    joined: list[Message] = []
    for place, stored in enumerate(thread):
        files = await _files(stored, blobs, strict=place == len(thread) - 1)
        for message in _messages(stored, files):
            if joined and joined[-1].role == message.role != "tool":
                former = joined.pop()
                joined.append(Message(message.role, tuple(_joined(former.parts, message.parts))))
            else:
                joined.append(message)
    return tuple(joined)


def going_on(messages: Sequence[Message], so_far: StoredMessage) -> tuple[Message, ...]:
    """The request for the rest of an answer that broke off; `so_far` has what came of it."""
    said = [part for message in _messages(so_far, ()) for part in message.parts]
    # Calls that nobody ran and what images there were are not what it goes on from.
    parts = tuple(part for part in said if isinstance(part, TextPart | ReasoningPart | OpaquePart))
    return (*messages, Message("assistant", parts), Message.of("user", _GO_ON))


def sending(
    messages: Sequence[Message],
    options: ChatOptions,
    provider_id: str = "",
    provider_label: str = "",
    model: ModelInfo | None = None,
) -> Sending:
    """The request for one answer.

    Args:
        messages: the conversation, as `history` gives it.
        options: of the conversation.
        provider_id: who will answer.
        provider_label: what a person calls it.
        model: what is known of the model that will answer.
    """
    asked: dict[str, Any] = {
        "temperature": options.temperature,
        "max_tokens": options.output_limit,
        "effort": options.effort,
        "response_format": "json_object" if options.json_mode else None,
    }
    notes: list[tuple[str, str]] = []
    if options.web_search:
        search = web_search_of(provider_id, model)
        if search is None:
            name = (model.display_name if model else "") or provider_label or provider_id
            notes.append(("web_search", f"{name} offers no web search, so it was left out."))
        else:
            asked |= search.fields
            asked["tools"] = None if search.tool is None else [search.tool]
    system = options.system.strip()
    sent = (Message.of("system", system), *messages) if system else tuple(messages)
    chosen = {name: value for name, value in asked.items() if value is not None}
    return Sending(tuple(sent), chosen, tuple(notes))


async def _files(message: StoredMessage, blobs: BlobStore | None, *, strict: bool) -> list[Part]:
    """The attachments of a message as parts, one each, in order."""
    found: list[Part] = []
    for one in message.attachments:
        try:
            found.append(await _file(one, blobs))
        except StorageError:
            if strict:
                raise
            found.append(TextPart(f"(The file {one.name} is no longer there.)"))
    return found


async def _file(one: Attachment, blobs: BlobStore | None) -> Part:
    if blobs is None:
        raise StorageError(f"The file {one.name} cannot be read", "Nothing keeps attachments here.")
    data = await blobs.read(one.hash)
    if one.kind == "text":
        return TextPart(named_text(one.name, text_in(data)))
    return MediaPart(one.kind, one.mime, data, one.name)


def _messages(stored: StoredMessage, files: Sequence[Part]) -> Iterator[Message]:
    """What one stored message says; nothing where it is empty."""
    if stored.role == "assistant":
        yield from _turns(_answer_parts(stored, files))
        return
    media = [part for part in files if not isinstance(part, TextPart)]
    texts = [part.text for part in files if isinstance(part, TextPart)]
    if stored.text or not files:
        texts.append(stored.text)
    words = [TextPart("\n\n".join(texts))] if texts else []
    yield Message(stored.role, (*media, *words))


def _answer_parts(stored: StoredMessage, files: Sequence[Part]) -> list[Part]:
    """An answer's parts in the order in which they came."""
    if not stored.parts:
        return [*_text(stored.text), *files]
    found: list[Part] = []
    text, reasoning, images = 0, 0, 0
    for part in _with_passages(stored):
        if not isinstance(part, Passage):
            found.append(part)
        elif part.of == "text":
            found += _text(stored.text[text : text + part.length])
            text += part.length
        elif part.of == "reasoning":
            found.append(ReasoningPart(stored.reasoning[reasoning : reasoning + part.length]))
            reasoning += part.length
        else:
            found += files[images : images + part.length]
            images += part.length
    return [*found, *_text(stored.text[text:]), *files[images:]]


def _with_passages(stored: StoredMessage) -> Iterable[StoredPart]:
    """The parts; where nothing tells of the text, reasoning goes before them and text behind the first."""
    if any(isinstance(part, Passage) for part in stored.parts):
        return stored.parts
    opaque = next((n for n, part in enumerate(stored.parts) if not isinstance(part, OpaquePart)), None)
    lead = stored.parts[:opaque]
    reasoning = (Passage("reasoning", len(stored.reasoning)),) if stored.reasoning else ()
    return (*reasoning, *lead, Passage("text", len(stored.text)), *stored.parts[len(lead) :])


def _turns(parts: Sequence[Part]) -> Iterator[Message]:
    """An answer's parts as messages: results of tools stand alone, calls that nobody ran are left out."""
    answered = {part.call_id for part in parts if isinstance(part, ToolResultPart)}
    said: list[Part] = []
    left_out = False
    for part in parts:
        if isinstance(part, ToolResultPart):
            if said:
                yield Message("assistant", tuple(said))
                said = []
            yield Message("tool", (part,))
            continue
        if not isinstance(part, OpaquePart):  # which belongs to the part before it
            left_out = isinstance(part, ToolCallPart) and part.id not in answered
        if not left_out:
            said.append(part)
    if any(not isinstance(part, ReasoningPart | OpaquePart) for part in said):
        yield Message("assistant", tuple(said))


def _text(text: str) -> list[Part]:
    return [TextPart(text)] if text else []


def _joined(former: Sequence[Part], later: Sequence[Part]) -> Iterator[Part]:
    last, first = former[-1] if former else None, later[0] if later else None
    if isinstance(last, TextPart) and isinstance(first, TextPart):
        yield from former[:-1]
        yield replace(last, text=f"{last.text}\n\n{first.text}")
        yield from later[1:]
    else:
        yield from former
        yield from later
