"""The `input` of `/v1/responses`: a text, or the items of a whole conversation.

See openai-python 3.57.0, `responses/response_input_item_param`. Consecutive items of the assistant are one
turn of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiproxy_desktop.core.data_urls import decode_base64
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.media import USUAL_LIMITS, UnreadableMedia, identify
from aiproxy_desktop.core.messages import MediaPart, Message, Part, ReasoningPart, TextPart, ToolCallPart
from aiproxy_desktop.core.reading.checks import json_text, quoted, sound_text, type_name
from aiproxy_desktop.server.chat.body import with_a_turn
from aiproxy_desktop.server.chat.tool_arguments import readable_arguments
from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.responses.items import unsealed

_TEXTS = {"output_text": "text", "input_text": "text", "text": "text", "refusal": "refusal"}
_ROLES = frozenset({"user", "system", "developer", "assistant"})


def read_input(given: Any) -> list[Message | dict[str, Any]]:
    """The conversation, for the core: its own values and dictionaries that it reads.

    Raises:
        Refusal: it is none; which item, what is wrong and what to send.
        InvalidRequestError: likewise.
    """
    if isinstance(given, str) and given:
        return [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise Refusal(400, "There is no input. Send a text, or a list of items, as “input”.", param="input")
    reader = _Reader()
    for number, item in enumerate(given, 1):
        reader.take(item, f"Item {number} of the input")
    reader.close_turn()
    return with_a_turn(reader.messages)


class _Reader:
    def __init__(self) -> None:
        self.messages: list[Message | dict[str, Any]] = []
        self._turn: list[Part] = []
        self._shown: list[Any] = []

    def close_turn(self) -> None:
        """What the assistant said is whole, or what the tools gave."""
        if self._turn:
            self.messages.append(Message("assistant", tuple(self._turn)))
            self._turn = []
        if self._shown:
            self.messages.append({"role": "user", "content": self._shown})
            self._shown = []

    def take(self, item: Any, where: str) -> None:
        """One more item."""
        if not isinstance(item, Mapping):
            raise _wrong(where, f"is {type_name(item)}, not an object")
        reference = "id" in item and "role" not in item  # as openai-python has it, whose type may be left out
        kind = item.get("type") or ("item_reference" if reference else "message")
        if kind == "message":
            self._message(item, where)
        elif kind == "function_call_output":
            self._result(item)
        elif isinstance(kind, str) and kind in _PARTS:
            self._say(_PARTS[kind](item, where))
        elif kind == "item_reference":
            raise _wrong(
                where,
                "refers to another one, and none are kept here. Send the item itself, as programs do where "
                "“store” is false",
            )
        else:
            raise _wrong(
                where,
                f"is of the type {quoted(kind)}, which is not taken here. Send messages, function calls, "
                "their outputs, reasoning and images",
            )

    def _say(self, parts: list[Part]) -> None:
        if self._shown:
            self.close_turn()
        self._turn += parts

    def _result(self, item: Mapping[str, Any]) -> None:
        """What a function gave. Its pictures and files follow the results, where every dialect has them."""
        if self._turn:
            self.close_turn()
        output = item.get("output")
        if isinstance(output, list):
            media = [part for part in output if _is_media(part)]
            output = [part for part in output if not _is_media(part)]
            if media and not output:
                output = "It follows the results."
            self._shown += media
        self.messages.append({"role": "tool", "tool_call_id": item.get("call_id"), "content": output})

    def _message(self, item: Mapping[str, Any], where: str) -> None:
        role = item.get("role")
        if not isinstance(role, str) or role not in _ROLES:
            raise _wrong(where, f"has the role {quoted(role)}. Known are {', '.join(sorted(_ROLES))}")
        if role == "assistant":
            self._say(_said(item.get("content"), where))
            return
        self.close_turn()
        self.messages.append({"role": role, "content": item.get("content")})


def _is_media(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") in ("input_image", "input_file")


def _said(content: Any, where: str) -> list[Part]:
    parts = [{"type": "output_text", "text": content}] if isinstance(content, str) else content
    if not isinstance(parts, list):
        raise _wrong(where, f"has {type_name(content)} as its content. Give a text or a list of parts")
    said: list[Part] = []
    for part in parts:
        kind = part.get("type") if isinstance(part, Mapping) else None
        if not isinstance(kind, str) or kind not in _TEXTS:
            raise _wrong(where, "holds something else than text, and what an assistant said cannot")
        text = sound_text(part.get(_TEXTS[kind]), where)
        if text:
            said.append(TextPart(text))
    return said


def _call(item: Mapping[str, Any], where: str) -> list[Part]:
    identity = sound_text(item.get("call_id"), f"{where}, “call_id”,")
    name = sound_text(item.get("name"), f"{where}, “name”,")
    if not identity or not name:
        raise _wrong(where, "has no call_id or no name. Send it back as it came")
    given = readable_arguments(item.get("arguments"))
    return [ToolCallPart(identity, name, json_text(given or "{}", f"{where}, “arguments”,"))]


def _thought(item: Mapping[str, Any], where: str) -> list[Part]:
    texts: list[str] = []
    for field in ("summary", "content"):
        parts = item.get(field) or []
        if not isinstance(parts, list) or not all(isinstance(part, Mapping) for part in parts):
            raise _wrong(where, f"has no list of parts as its {field}. Send it back as it came")
        texts += [sound_text(part.get("text"), where) for part in parts]
    secret = unsealed(item)
    text = "\n\n".join(texts)
    return [*([ReasoningPart(text)] if text else ()), *([secret] if secret is not None else ())]


def _image(item: Mapping[str, Any], where: str) -> list[Part]:
    result = item.get("result")
    if result is None:
        return []
    try:
        data = decode_base64(sound_text(result, where), USUAL_LIMITS.of("image"))
        found: MediaPart = identify("image", data, "", "")
    except UnreadableMedia as unread:
        raise InvalidRequestError(f"{where} {unread.what}", unread.advice) from None
    return [found]


_PARTS: dict[str, Callable[[Mapping[str, Any], str], list[Part]]] = {
    "function_call": _call,
    "reasoning": _thought,
    "image_generation_call": _image,
}


def _wrong(where: str, sentence: str) -> Refusal:
    return Refusal(400, f"{where} {sentence}.", param="input")
