from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.framing import JsonLinesDecoder, ServerSentEvent, SseDecoder


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces, cut at these places (each taken modulo its length)."""
    marks = sorted({place % (len(data) + 1) for place in places} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(marks)]


def decoded(pieces: list[bytes]) -> list[ServerSentEvent]:
    decoder = SseDecoder()
    return [frame for piece in pieces for frame in decoder.feed(piece)] + decoder.close()


def test_events_have_their_data_and_name() -> None:
    stream = b": hello\nretry: 10\nid: 7\n\nevent: error\ndata: one\ndata:two\n\ndata\n\ndata: last"
    assert decoded([stream]) == [
        ServerSentEvent(b"one\ntwo", b"error"),
        ServerSentEvent(b""),
        ServerSentEvent(b"last"),
    ]


@pytest.mark.parametrize(
    "prefix", [b"\xef\xbb\xbf", b"retry: 500\n\n", b"id: 1\n", b"\n\n", b"\xef\xbb\xbfretry: 1\n"]
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_nothing_before_the_first_event_hides_it(prefix: bytes, end: bytes) -> None:
    stream = (prefix + b"data: first\n\ndata: second\n\n").replace(b"\n", end)
    assert [frame.data for frame in decoded([stream])] == [b"first", b"second"]


def test_only_a_line_feed_ends_a_line() -> None:
    text = '{"a": "x\u2028y\u0085z\x0b"}'.encode()
    assert [frame.data for frame in decoded([b"data: " + text + b"\n\n"])] == [text]
    assert JsonLinesDecoder().feed(text + b"\n") == [text]


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20),
        max_size=8,
    ),
    st.lists(st.integers(0, 10_000), max_size=30),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
def test_events_are_the_same_for_any_cutting(
    texts: list[str], places: list[int], end: str, mark: bool
) -> None:
    stream = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    stream = (b"\xef\xbb\xbf" if mark else b"") + stream
    assert [frame.data.decode() for frame in decoded(cut(stream, places))] == texts


@given(st.binary(max_size=300), st.lists(st.integers(0, 10_000), max_size=30))
def test_any_bytes_give_the_same_frames_for_any_cutting(stream: bytes, places: list[int]) -> None:
    assert decoded(cut(stream, places)) == decoded([stream])


@given(st.binary(max_size=300), st.lists(st.integers(0, 10_000), max_size=30))
def test_any_bytes_give_the_same_lines_for_any_cutting(stream: bytes, places: list[int]) -> None:
    def lines(pieces: list[bytes]) -> list[bytes]:
        decoder = JsonLinesDecoder()
        return [line for piece in pieces for line in decoder.feed(piece)] + decoder.close()

    assert lines(cut(stream, places)) == lines([stream])


@pytest.mark.parametrize("decoder", [SseDecoder(limit=100), JsonLinesDecoder(limit=100)])
def test_a_line_without_an_end_is_bounded(decoder: SseDecoder | JsonLinesDecoder) -> None:
    decoder.feed(b"data: " + b"x" * 90)
    with pytest.raises(ProtocolError):
        decoder.feed(b"x" * 90)


def test_an_event_without_an_end_is_bounded() -> None:
    decoder = SseDecoder(limit=100)
    with pytest.raises(ProtocolError):
        decoder.feed(b"data: 0123456789\n" * 20)


def test_an_event_of_empty_lines_without_an_end_is_bounded() -> None:
    decoder = SseDecoder(limit=100)
    with pytest.raises(ProtocolError):
        decoder.feed(b"data:\n" * 200)
