"""The official types read what the row of the parity matrix sends, so that it speaks the real wire."""

from __future__ import annotations

import json
from typing import Any

from anthropic.types import Message, ModelInfo, RawMessageStreamEvent
from pydantic import TypeAdapter

from tests.dialects import ANTHROPIC, Call
from tests.dialects.anthropic import start
from tests.unit.core.test_anthropic_decoding import WHOLE_JSON, WHOLE_STREAM

_event = TypeAdapter[Any](RawMessageStreamEvent)


def events(stream: bytes) -> list[dict[str, Any]]:
    """The data of each event; a ping is none of the types, and is passed over by the SDK too."""
    lines = [line.removeprefix("data: ") for line in stream.decode().split("\n") if line.startswith("data: ")]
    return [value for value in map(json.loads, lines) if value["type"] != "ping"]


def test_every_event_of_the_row_is_one() -> None:
    assert ANTHROPIC.tool_calls is not None
    stream = (
        start()
        + ANTHROPIC.reasoning("Hm.")
        + ANTHROPIC.text("Hi")
        + ANTHROPIC.tool_calls((Call("t", "find", '{"a": 1}'),))
        + b"".join(ANTHROPIC.finish(reason) for reason in ("stop", "length", "tool_calls"))
        + b"".join(ANTHROPIC.blocked)
        + WHOLE_STREAM
    )
    for value in events(stream):
        assert _event.validate_python(value).type == value["type"]


def test_a_message_that_came_whole_is_one() -> None:
    value = json.loads(WHOLE_JSON)
    value["content"][5]["citations"] = None
    message = Message.model_validate(value)
    assert [block.type for block in message.content] == [block["type"] for block in value["content"]]


def test_the_models_are_some() -> None:
    models = [ModelInfo.model_validate(row) for row in ANTHROPIC.models["data"]]
    assert models[0].capabilities is not None
    assert models[0].capabilities.thinking.types.adaptive.supported
