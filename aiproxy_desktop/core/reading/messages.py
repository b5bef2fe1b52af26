"""A conversation as a caller writes it, read into messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.media import USUAL_LIMITS, MediaLimits
from aiproxy_desktop.core.messages import Message, Part, Role, TextPart, ToolResultPart
from aiproxy_desktop.core.reading.answers import read_answer
from aiproxy_desktop.core.reading.checks import (
    Budget,
    flag,
    invalid,
    optional_text,
    quoted,
    sound_text,
    type_name,
)
from aiproxy_desktop.core.reading.parts import read_content, read_images

MessageLike: TypeAlias = Message | Mapping[str, Any]

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "model": "assistant",
    "tool": "tool",
    "function": "tool",
}
_LARGE = 256 * 1024


def read_messages(
    messages: Iterable[MessageLike], system_instruction: str | None = None, limits: MediaLimits = USUAL_LIMITS
) -> tuple[Message, ...]:
    """Messages as values. Values pass through untouched; dictionaries are read and checked.

    Args:
        messages: `Message` values or dictionaries `{"role", "content", …}`.
        system_instruction: put before them.
        limits: bounds of the media among them.

    Raises:
        InvalidRequestError: which message it is about, what is wrong and what to do.
    """
    given = listed(messages)
    if not given:
        raise InvalidRequestError("There are no messages", "Give at least one, with a role and a content.")
    reader = _Reader(limits)
    found = [reader.read(number, message) for number, message in enumerate(given, 1)]
    if system_instruction is not None and system_instruction != "":
        text = sound_text(system_instruction, "The system instruction")
        found = [Message.of("system", text), *found]
    return tuple(found)


def listed(messages: Any) -> list[Any]:
    """The messages of any iterable.

    Raises:
        InvalidRequestError: it is one message, a text, or nothing that holds messages.
    """
    if isinstance(messages, Mapping | Message):
        raise InvalidRequestError("The messages are one message, not a list", "Put it into a list.")
    if isinstance(messages, str | bytes):
        raise InvalidRequestError(
            "The messages are a text, not a list",
            "Send [{“role”: “user”, “content”: …}] with the text in it.",
        )
    if not isinstance(messages, Iterable):
        raise InvalidRequestError(f"The messages are {type_name(messages)}, not a list", "Give a list.")
    return list(messages)


def are_large(messages: Iterable[Any]) -> bool:
    """Whether there is so much to decode that it should not be done on the loop's thread."""
    return any(isinstance(message, Mapping) and _size(message, 4) > _LARGE for message in messages)


def _size(value: Any, levels: int) -> int:
    """The length of the texts in a message, as deep as media stand."""
    if isinstance(value, str | bytes):
        return len(value)
    if levels == 0:
        return 0
    if isinstance(value, Mapping):
        return sum(_size(item, levels - 1) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(_size(item, levels - 1) for item in value)
    return 0


class _Reader:
    """Reads the messages of one conversation, in order: a tool's result belongs to a call before it."""

    def __init__(self, limits: MediaLimits) -> None:
        self._budget = Budget(limits)
        self._names: dict[str, str] = {}
        self._open: dict[str, str] = {}

    def read(self, number: int, message: Any) -> Message:
        """One message; `number` counts from 1."""
        where = f"Message {number}"
        if isinstance(message, Message):
            found = message
        elif isinstance(message, Mapping):
            found = self._read(message, number, where)
        else:
            raise invalid(
                where, f"is {type_name(message)}, not a message", "Give an object with role and content."
            )
        for part in found.parts:
            if isinstance(part, ToolResultPart):
                self._open.pop(part.call_id, None)
        for call in found.tool_calls:
            self._names[call.id] = self._open[call.id] = call.name
        return found

    def _read(self, message: Mapping[str, Any], number: int, where: str) -> Message:
        role = _role(message, where)
        if role == "assistant":
            return Message(role, read_answer(message, number, where, self._budget), _name(message, where))
        content = message.get("content")
        images = message.get("images")
        if content is None or (not content and isinstance(content, list | tuple)):
            raise invalid(
                where,
                f"of the role “{role}” has no content",
                "Give a text or a list of parts; only an assistant's message with tool calls can do without.",
            )
        parts = read_content(content, where, self._budget)
        if role == "tool":
            return Message(role, (self._result(message, parts, where),))
        if role == "system":
            only = _only_text(parts, where, "a system message", "a user message")
            return Message(role, only, _name(message, where))
        if images is not None:
            parts += read_images(images, where, self._budget)
        return Message(role, parts, _name(message, where))

    def _result(self, message: Mapping[str, Any], parts: tuple[Part, ...], where: str) -> ToolResultPart:
        text = "".join(
            part.text for part in _only_text(parts, where, "a tool's result", "a user message after it")
        )
        name = optional_text(message.get("name") or message.get("tool_name"), where)
        call_id = optional_text(message.get("tool_call_id"), where) or self._call_for(name, where)
        if call_id not in self._names:
            raise invalid(
                where,
                f"answers the tool call {quoted(call_id)}, which no message before it made",
                "Keep the assistant's message with its tool_calls in front of the results.",
            )
        failed = flag(message.get("is_error") or False, f"{where}, is_error,")
        return ToolResultPart(call_id, self._names[call_id] or name, text, failed)

    def _call_for(self, name: str, where: str) -> str:
        """The call that a result without an id can only belong to."""
        waiting = [call for call, called in self._open.items() if not name or called == name]
        if not waiting or (not name and len(waiting) > 1):
            of_it = f" of {quoted(name)}" if name else ""
            raise invalid(
                where,
                f"does not say which tool call{of_it} it answers",
                "Give the id of a call before it as tool_call_id.",
            )
        return waiting[0]


def _role(message: Mapping[str, Any], where: str) -> Role:
    role = message.get("role")
    if role is None:
        raise invalid(where, "has no role", f"Give one of {', '.join(_ROLES)}.")
    found = _ROLES.get(role) if isinstance(role, str) else None
    if found is None:
        raise invalid(
            where, f"has {quoted(role)} as its role, which is none", f"Known are {', '.join(_ROLES)}."
        )
    return found


def _name(message: Mapping[str, Any], where: str) -> str:
    """Who speaks; of a tool's result it is the tool, and means something else."""
    return optional_text(message.get("name"), where)


def _only_text(parts: tuple[Part, ...], where: str, of: str, elsewhere: str) -> tuple[TextPart, ...]:
    texts = tuple(part for part in parts if isinstance(part, TextPart))
    if len(texts) != len(parts):
        raise invalid(where, f"holds something else than text, and {of} cannot", f"Put it into {elsewhere}.")
    return texts
