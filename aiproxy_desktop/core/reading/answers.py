"""Messages of an assistant: what a model said, wanted and thought, as it goes back to the model.

`shaping.py` writes them. What it writes is read here as the message that it was, up to the order of
neighbours: between two opaque parts that ride in no tool call come reasoning, text, images and tool
calls, in this order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from aiproxy_desktop.core.messages import OpaquePart, Part, ReasoningPart, TextPart, ToolCallPart
from aiproxy_desktop.core.reading.checks import (
    Budget,
    invalid,
    json_object,
    json_text,
    optional_text,
    quoted,
    sound_text,
    type_name,
)
from aiproxy_desktop.core.reading.parts import read_content, read_images
from aiproxy_desktop.core.shaping import CURSORS, OPAQUE


def read_answer(message: Mapping[str, Any], number: int, where: str, budget: Budget) -> tuple[Part, ...]:
    """The parts of an assistant's message.

    Args:
        message: `content`, `tool_calls` (or the older `function_call`), `reasoning_content`, `images`
            and `reasoning_details`, of which one at least must be there.
        number: of the message, from which calls without an id get one.
        where: how errors call the message.
        budget: what it may hold.

    Raises:
        InvalidRequestError: something in it cannot be sent.
    """
    reasoning = optional_text(_either(message, "reasoning_content", "reasoning"), f"{where}, reasoning,")
    budget.spend(len(reasoning), where)
    before: list[Part] = [ReasoningPart(reasoning)] if reasoning else []
    images = message.get("images")
    pictures = () if images is None else read_images(images, where, budget)
    calls = list(_calls(message, number, where, budget))
    opaque = list(_opaque(message.get("reasoning_details"), where))
    content = message.get("content")
    if content is None and not (before or pictures or calls or opaque):
        raise invalid(
            where, "of the role “assistant” has no content", "Give a text, or the tool calls it made."
        )
    said = () if content is None or content == "" else read_content(content, where, budget)
    parts = (*before, *said, *pictures)
    return (
        tuple(_placed(parts, calls, opaque))
        if opaque
        else (*parts, *(part for call in calls for part in call))
    )


def _calls(message: Mapping[str, Any], number: int, where: str, budget: Budget) -> Iterator[tuple[Part, ...]]:
    calls = message.get("tool_calls")
    if calls is None:
        legacy = message.get("function_call")
        calls = [] if legacy is None else [{"function": legacy}]
    if not isinstance(calls, list | tuple):
        raise invalid(where, f"has {type_name(calls)} as its tool calls", "Give a list of tool calls.")
    seen: set[str] = set()
    for place, call in enumerate(calls, 1):
        here = f"{where}, tool call {place},"
        found = _call(call, f"call_{number}_{place}", here, budget)
        identity = found[0].id
        if identity in seen:
            raise invalid(here, f"has the id {quoted(identity)} of another", "Give each call its own id.")
        seen.add(identity)
        yield found


def _call(
    call: Any, default_id: str, where: str, budget: Budget
) -> tuple[ToolCallPart, *tuple[OpaquePart, ...]]:
    if not isinstance(call, Mapping):
        raise invalid(where, f"is {type_name(call)}, not a tool call", "Give an object with id and function.")
    kind = call.get("type", "function")
    if kind != "function":
        raise invalid(where, f"is of the type {quoted(kind)}", "Only calls of functions can be sent back.")
    function = call.get("function")
    if not isinstance(function, Mapping):
        raise invalid(where, "has no function", "Give {“name”: …, “arguments”: …} as its function.")
    name = sound_text(function.get("name"), f"{where} function name,")
    if not name:
        raise invalid(where, "has no function name", "Give the name of the function called.")
    given = function.get("arguments")
    if isinstance(given, str):
        budget.spend(len(given), where)
    arguments = "{}" if given is None else json_text(given, f"{where} “arguments” of {quoted(name)},")
    part = ToolCallPart(optional_text(call.get("id"), where) or default_id, name, arguments)
    extra = call.get("extra_content")
    if extra is None:
        return (part,)
    if not isinstance(extra, Mapping):
        raise invalid(where, f"has {type_name(extra)} as its extra content", "Send it back as it came.")
    return (part, *(_secret(owner, data, where) for owner, data in extra.items()))


def _opaque(details: Any, where: str) -> Iterator[tuple[OpaquePart, tuple[int, ...]]]:
    """Ours among the details of the reasoning; those that name no provider mean nothing to anyone here."""
    if details is None:
        return
    if not isinstance(details, list | tuple):
        raise invalid(
            where, f"has {type_name(details)} as its reasoning details", "Send them back as they came."
        )
    for detail in details:
        if not isinstance(detail, Mapping):
            raise invalid(
                where, f"has {type_name(detail)} among its reasoning details", "Send them back as they came."
            )
        if detail.get("type") == OPAQUE and detail.get("provider") is not None:
            part = _secret(detail["provider"], detail.get("data"), where)
            after = detail.get("after")
            after = after if isinstance(after, Mapping) else {}
            yield part, tuple(_count(after.get(cursor)) for cursor in CURSORS)


def _secret(owner: Any, data: Any, where: str) -> OpaquePart:
    name = sound_text(owner, f"{where} a provider's name")
    if isinstance(data, str):
        return OpaquePart(name, sound_text(data, f"{where} what “{name[:60]}” wants back"))
    if not isinstance(data, Mapping):
        raise invalid(where, f"holds {type_name(data)} for “{name[:60]}”", "Send it back as it came.")
    return OpaquePart(name, json_text(json_object(data, where), where))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _placed(
    parts: Sequence[Part],
    calls: Sequence[tuple[Part, ...]],
    opaque: Sequence[tuple[OpaquePart, tuple[int, ...]]],
) -> Iterator[Part]:
    """Everything in order, each opaque part behind as much as came before it."""
    reasoning = "".join(part.text for part in parts if isinstance(part, ReasoningPart))
    text = "".join(part.text for part in parts if isinstance(part, TextPart))
    images = [part for part in parts if not isinstance(part, ReasoningPart | TextPart)]
    everything: tuple[Sequence[Any], ...] = (reasoning, text, images, calls)
    ends = tuple(len(sequence) for sequence in everything)
    reached = (0, 0, 0, 0)
    for part, after in (*opaque, (None, ends)):
        goal = tuple(min(max(at, to), end) for at, to, end in zip(reached, after, ends, strict=True))
        (r, t, i, c), (to_r, to_t, to_i, to_c) = reached, goal
        if to_r > r:
            yield ReasoningPart(reasoning[r:to_r])
        if to_t > t:
            yield TextPart(text[t:to_t])
        yield from images[i:to_i]
        for call in calls[c:to_c]:
            yield from call
        if part is not None:
            yield part
        reached = (to_r, to_t, to_i, to_c)


def _either(message: Mapping[str, Any], *names: str) -> Any:
    return next((message[name] for name in names if message.get(name) is not None), None)
