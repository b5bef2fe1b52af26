from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.wire_json import decode_json, encode_json, sound_json, sound_text


class Point(msgspec.Struct):
    x: str = ""


decoder = msgspec.json.Decoder(Point)
anything: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


@given(st.text(alphabet=st.characters()) | st.text(alphabet=st.sampled_from("a\ud83d\ude00\u2028")))
def test_any_text_can_be_sent(text: str) -> None:
    sent = json.loads(encode_json({"text": [text]}))["text"][0]
    assert sent == text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"x": "a", "more": [1]}', "a"),
        (b'{"x": "\\ud83d"}', "\ufffd"),
        (b'{"x": "\\ud83d\\ude00"}', "\U0001f600"),
        (b'{"x": "a\xe2\x98"}', "a\ufffd"),
    ],
)
def test_what_can_be_read(data: bytes, text: str) -> None:
    assert decode_json(decoder, data) == Point(text)


@pytest.mark.parametrize(
    "data", [b"", b"{", b"nonsense", b'{"x": 1}', b"[]", b'{"x": "a"} trailing', b"\xff"]
)
def test_what_cannot(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_json(decoder, data)


def test_nesting_is_bounded() -> None:
    with pytest.raises(ProtocolError):
        decode_json(anything, b"[" * 1_000_000)


# Pieces of the inside of a JSON text in quotes: whole and half characters, escaped and not.
pieces = st.lists(
    st.sampled_from([r"\ud83d", r"\ude00", r"\\", r"\"", r"\u2028", "ud83d", "a", "☀", "\ud83d", "\udc00"])
)


@given(pieces)
def test_only_halves_of_characters_are_mended(inside: list[str]) -> None:
    text = '{"n": 1.50, "t": "' + "".join(inside) + '"}'
    sound = sound_json(sound_text(text).encode())
    expected = json.loads(sound_text(text))["t"]
    assert msgspec.json.decode(sound)["t"] == expected.encode("utf-16", "surrogatepass").decode(
        "utf-16", "replace"
    )
    assert sound.startswith(b'{"n": 1.50, "t": "')
