"""What goes out can come back in: properties over whatever JSON there is, and whatever events."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import (
    ImageReceived,
    OpaqueReceived,
    ReasoningDelta,
    StreamEvent,
    TextDelta,
    ToolCallDelta,
)
from aiproxy_desktop.core.messages import (
    Detail,
    MediaPart,
    Message,
    OpaquePart,
    Part,
    ReasoningPart,
    TextPart,
    ToolCallPart,
)
from aiproxy_desktop.core.reading import read_messages, read_options
from aiproxy_desktop.core.shaping import ChunkShaper, message_entry

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
SECRETS = st.builds(OpaquePart, st.sampled_from(["gemini", "anthropic"]), st.just('{"signature":"s"}'))
PARTS: st.SearchStrategy[list[Part]] = st.lists(
    st.one_of(
        st.builds(TextPart, TEXTS),
        st.builds(ReasoningPart, TEXTS),
        st.builds(
            lambda text, detail: MediaPart("image", "image/png", text.encode(), detail=detail),
            TEXTS,
            st.sampled_from(get_args(Detail)),
        ),
        st.builds(ToolCallPart, TEXTS, TEXTS, st.sampled_from(["{}", '{"a":1}'])),
        SECRETS,
        SECRETS,
    ),
    min_size=1,
    max_size=12,
)


def canonical(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Between opaque parts the kinds in order, texts joined; what rides in a call stays with it."""
    found: list[Part] = []
    segment: list[list[Part]] = []
    riding: set[str] | None = None
    for part in (*parts, None):
        if isinstance(part, OpaquePart) and riding is not None and part.provider not in riding:
            riding.add(part.provider)
            segment[-1].append(part)
            continue
        riding = set() if isinstance(part, ToolCallPart) else None
        if part is not None and not isinstance(part, OpaquePart):
            segment.append([part])
            continue
        found += _in_order(segment)
        segment = []
        if part is not None:
            found.append(part)
    return tuple(found)


def _in_order(segment: list[list[Part]]) -> Iterable[Part]:
    for kind in (ReasoningPart, TextPart):
        text = "".join(one.text for (one, *_) in segment if isinstance(one, kind))
        if text:
            yield kind(text)
    for other in (MediaPart, ToolCallPart):
        for one in segment:
            if isinstance(one[0], other):
                yield from one


def unlike(parts: list[Part]) -> list[Part]:
    """Each call with an id of its own."""
    return [
        ToolCallPart(f"{place}", part.name, part.arguments) if isinstance(part, ToolCallPart) else part
        for place, part in enumerate(parts)
    ]


def event_of(part: Part, index: int) -> list[StreamEvent]:
    if isinstance(part, TextPart):
        return [TextDelta(part.text)]
    if isinstance(part, ReasoningPart):
        return [ReasoningDelta(part.text)]
    if isinstance(part, ToolCallPart):
        half = len(part.arguments) // 2
        return [
            ToolCallDelta(index, part.id, part.name, part.arguments[:half]),
            ToolCallDelta(index, arguments=part.arguments[half:]),
        ]
    if isinstance(part, MediaPart):
        return [ImageReceived(part.mime, b"", preview=True), ImageReceived(part.mime, part.data)]
    assert isinstance(part, OpaquePart)
    return [OpaqueReceived(part.provider, part.data)]


def folded(chunks: Iterable[dict[str, Any] | None]) -> dict[str, Any]:
    """A message from chunks as any client of OpenAI's folds them."""
    message: dict[str, Any] = {"role": "assistant", "content": ""}
    for chunk in chunks:
        for choice in chunk["choices"] if chunk else ():
            for name, value in choice["delta"].items():
                if name == "tool_calls":
                    _fold_calls(message.setdefault(name, []), value)
                elif isinstance(value, list):
                    message.setdefault(name, []).extend(value)
                elif name != "role":
                    message[name] = message.get(name, "") + value
    return message


def _fold_calls(calls: list[dict[str, Any]], deltas: list[dict[str, Any]]) -> None:
    for delta in deltas:
        if delta["index"] == len(calls):
            calls.append({**delta, "function": dict(delta["function"])})
            continue
        call = calls[delta["index"]]
        call["function"]["arguments"] += delta.get("function", {}).get("arguments", "")
        call.setdefault("extra_content", {}).update(delta.get("extra_content", {}))


@given(PARTS)
def test_a_message_that_went_out_comes_back(parts: list[Part]) -> None:
    message = Message("assistant", tuple(unlike(parts)))
    entry = json.loads(json.dumps(message_entry(message)))
    (back,) = read_messages([entry])
    assert back.parts == canonical(message.parts)


@given(PARTS)
def test_chunks_fold_to_the_message(parts: list[Part]) -> None:
    events = [event for index, part in enumerate(unlike(parts)) for event in event_of(part, index * 3)]
    answer, shaper = MessageAssembler(), ChunkShaper("id", 0, "p", "m")
    for event in events:
        answer.feed(event)
    chunks = [shaper.chunk(event) for event in events]
    assert read_messages([folded(chunks)]) == read_messages([message_entry(answer.message)])


# Words that mean something here, so that what is drawn goes past the first check.
WORDS = st.sampled_from(
    [
        "role",
        "content",
        "user",
        "assistant",
        "tool",
        "system",
        "type",
        "text",
        "image_url",
        "input_audio",
        "file",
        "pdf",
        "url",
        "data",
        "format",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "id",
        "tool_call_id",
        "images",
        "reasoning_details",
        "extra_content",
        "after",
        "provider",
        "json_schema",
        "schema",
        "reasoning.encrypted",
        "data:image/png;base64,iVBO",
        "data:,",
        "https://a.example/x",
        "/x",
        "{}",
        "[]",
        "\ud800",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | WORDS
    | st.binary(max_size=4)
)
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=25,
)
MESSAGES = st.lists(
    JSON
    | st.fixed_dictionaries(
        {"role": WORDS, "content": JSON},
        optional={
            "tool_calls": JSON,
            "images": JSON,
            "reasoning_details": JSON,
            "tool_call_id": JSON,
            "name": JSON,
        },
    )
    | st.fixed_dictionaries(
        {
            "role": st.just("user"),
            "content": st.lists(st.fixed_dictionaries({"type": WORDS, "image_url": JSON})),
        }
    ),
    max_size=4,
)
OPTIONS = st.dictionaries(
    st.sampled_from(
        [
            "temperature",
            "max_tokens",
            "tools",
            "tool_choice",
            "response_format",
            "effort",
            "safety_settings",
            "return_images",
            "modalities",
            "timeout",
            "client_context",
            "n",
            "extra_body",
            "top_p",
        ]
    ),
    JSON,
)


@settings(max_examples=300)
@given(MESSAGES | JSON, JSON)
def test_reading_raises_nothing_but_our_own(messages: Any, system: Any) -> None:
    try:
        read = read_messages(messages, system)
    except AIProxyError as error:
        str(error).encode()
    else:
        assert all(isinstance(message, Message) for message in read)


@settings(max_examples=300)
@given(OPTIONS)
def test_options_raise_nothing_but_our_own(options: dict[str, Any]) -> None:
    try:
        read_options(options)
    except AIProxyError as error:
        str(error).encode()
