"""Chunks of a chat completion as bytes: the short way of writing a text says what the long one does."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.events import (
    Finished,
    OpaqueReceived,
    Started,
    TextDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.server.chat.answers import ChunkWriter, plain_images


def read(frame: bytes | None) -> Any:
    """The chunk in an event."""
    assert frame is not None
    assert frame.startswith(b"data: ")
    assert frame.endswith(b"\n\n")
    assert frame.count(b"\n") == 2
    return json.loads(frame.removeprefix(b"data: "))


@given(st.text(st.characters(), min_size=1), st.booleans())
def test_both_ways_write_the_same(text: str, include_usage: bool) -> None:
    writer = ChunkWriter("openai:m", include_usage)
    writer.frame(Started("openai", "m"))
    assert read(writer.text(text)) == read(writer.frame(TextDelta(text)))


def test_a_stream_from_its_role_to_its_usage() -> None:
    writer = ChunkWriter("openai:m", include_usage=True)
    first = read(writer.frame(Started("openai", "m")))
    assert first["choices"] == [
        {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
    ]
    assert (first["model"], first["usage"]) == ("m", None)
    # Another one answers: from here on its name is told, and no second role.
    assert writer.frame(Started("gemini", "g")) is None
    assert read(writer.text("four"))["model"] == "g"
    opaque = read(writer.frame(OpaqueReceived("gemini", "{}")))
    assert opaque["choices"][0]["delta"]["reasoning_details"][0]["after"] == {"content": 4}
    assert read(writer.frame(Finished("stop")))["choices"][0]["finish_reason"] == "stop"
    assert writer.frame(UsageReported(Usage(3, None))) is None
    last = read(writer.last())
    assert last["choices"] == []
    assert (last["usage"]["prompt_tokens"], last["usage"]["completion_tokens"]) == (3, None)


def test_without_a_count_or_a_wish_for_it_there_is_no_usage() -> None:
    for include_usage, events in ((True, ()), (False, (UsageReported(Usage(1, 1)),))):
        writer = ChunkWriter("openai:m", include_usage)
        for event in (Started("openai", "m"), *events):
            writer.frame(event)
        assert writer.last() is None


def test_images_of_the_seeds_shape_become_text() -> None:
    image = {"data": b"\x89PNG", "mime_type": "image/png"}
    plain = {"data": "data:image/png;base64,iVBORw==", "mime_type": "image/png"}
    assert plain_images(None) is None
    assert plain_images(image) == plain
    assert plain_images([image, image]) == [plain, plain]
