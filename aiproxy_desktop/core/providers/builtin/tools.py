"""Tools for models whose chat template has no place for them.

Such a model never hears of tools that it merely may call, which a note tells. One that must call a tool is
told of them in the system text, and held by llama.cpp's grammar to the JSON of a call.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import msgspec

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.events import Finished, Noted, StreamEvent, TextDelta, ToolCallDelta, UsageReported
from aiproxy_desktop.core.messages import (
    CompletionRequest,
    Message,
    Part,
    ResponseFormat,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.wire_json import encode_json

_HINT = "Call one of these functions. Answer with its name and its arguments, as JSON."
_NO_PARAMETERS: Mapping[str, Any] = {"type": "object", "properties": {}}


def without_tools(request: CompletionRequest) -> tuple[CompletionRequest, tuple[Noted, ...]]:
    """The request for a model that knows no tools, unless it must call one: then it is for `forced_call`."""
    messages = tuple(_in_words(message) for message in request.messages)
    said = replace(request, messages=messages, tools=(), tool_choice=None)
    choice = request.tool_choice
    if not request.tools or (choice is not None and choice.mode == "none"):
        return said, ()
    return said, (Noted("tools", "This model knows no tools, so they were left out."),)


def must_call(request: CompletionRequest) -> bool:
    """Whether the answer has to be a tool call."""
    choice = request.tool_choice
    return choice is not None and (choice.mode == "required" or bool(choice.name))


def forced_call(request: CompletionRequest) -> CompletionRequest:
    """The request whose answer is the JSON of a call, for `read_forced_call`.

    Raises:
        InvalidRequestError: the tool to call is not among those given.
    """
    wanted = request.tool_choice.name if request.tool_choice is not None else ""
    tools = [tool for tool in request.tools if isinstance(tool, Tool) and wanted in {"", tool.name}]
    if not tools:
        raise InvalidRequestError(
            f"There is no tool {wanted[:60]} to call" if wanted else "There is no tool to call",
            "Name one of the tools given, or leave the choice to the model.",
            provider="builtin",
        )
    said, _ = without_tools(request)
    system, turns = _split(said.messages)
    words = [text for text in (system, _HINT, *map(_described, tools)) if text]
    return replace(
        said,
        messages=(Message.of("system", "\n\n".join(words)), *turns),
        response_format=ResponseFormat("json_schema", _schema(tools), "call"),
    )


async def read_forced_call(events: AsyncGenerator[StreamEvent]) -> AsyncGenerator[StreamEvent]:
    """The same answer with the JSON of a call as a tool call; text where it was cut before its end."""
    pieces: list[str] = []
    usage: UsageReported | None = None
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, TextDelta):
                    pieces.append(event.text)
                elif isinstance(event, UsageReported):
                    usage = event
                elif isinstance(event, Finished):
                    for last in _ending("".join(pieces), usage, event):
                        yield last
                else:
                    yield event
    except AIProxyError:
        if pieces:
            yield TextDelta("".join(pieces))
        raise


def _ending(text: str, usage: UsageReported | None, finished: Finished) -> Iterator[StreamEvent]:
    call = _read(text) if finished.reason == "stop" else None
    if call is not None:
        yield call
    elif text:
        yield TextDelta(text)
    if usage is not None:
        yield usage
    yield finished if call is None else Finished("tool_calls")


class _Call(msgspec.Struct):
    name: str
    arguments: msgspec.Raw


_call_decoder = msgspec.json.Decoder(_Call)


def _read(text: str) -> ToolCallDelta | None:
    try:
        call = _call_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    return ToolCallDelta(0, f"call_{os.urandom(12).hex()}", call.name, bytes(call.arguments).decode())


def _schema(tools: Sequence[Tool]) -> dict[str, Any]:
    definitions: dict[str, Any] = {}
    calls: list[dict[str, Any]] = []
    for tool in tools:
        parameters = dict(tool.parameters or _NO_PARAMETERS)
        for place in ("$defs", "definitions"):  # references name their place from the root
            definitions.setdefault(place, {}).update(parameters.pop(place, {}))
        calls.append(
            {
                "type": "object",
                "properties": {"name": {"const": tool.name}, "arguments": parameters},
                "required": ["name", "arguments"],
                "additionalProperties": False,
            }
        )
    whole = calls[0] if len(calls) == 1 else {"anyOf": calls}
    return {**whole, **{place: held for place, held in definitions.items() if held}}


def _described(tool: Tool) -> str:
    facts = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.parameters or _NO_PARAMETERS,
    }
    return encode_json(facts).decode()


def _split(messages: Sequence[Message]) -> tuple[str, tuple[Message, ...]]:
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    return system, tuple(message for message in messages if message.role != "system")


def _in_words(message: Message) -> Message:
    """A turn with its tool calls and their results as text, which every template has a place for."""
    if message.role != "tool" and not message.tool_calls:
        return message
    role = "user" if message.role == "tool" else message.role
    return Message(role, tuple(map(_part_in_words, message.parts)), message.name)


def _part_in_words(part: Part) -> Part:
    if isinstance(part, ToolCallPart):
        name = encode_json(part.name).decode()
        return TextPart(f'{{"name": {name}, "arguments": {part.arguments or "{}"}}}')
    if isinstance(part, ToolResultPart):
        return TextPart(f"{part.name} gave:\n{part.content}" if part.name else part.content)
    return part
