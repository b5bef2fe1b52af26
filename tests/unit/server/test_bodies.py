"""JSON is looked at before it is read: how deep, how much, at the speed of memory."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.server.errors import Refusal
from aiproxy_desktop.server.gate import json_body
from aiproxy_desktop.server.gate.json_body import JsonReader, check_json
from aiproxy_desktop.server.rules import Limits

DEPTH = 5
LIMITS = Limits(depth=DEPTH, values=40)

# Texts that are made of what JSON itself is made of.
TEXTS = st.text(alphabet='[]{}",:\\aé\n', max_size=12)
VALUES = st.recursive(
    st.none() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=20,
)


def depth_of(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max((depth_of(one) for one in inner), default=0)


def size_of(value: Any) -> int:
    """Brackets and commas: what JSON has for each of its values."""
    inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else None
    if inner is None:
        return 0
    return 1 + max(0, len(inner) - 1) + sum(size_of(one) for one in inner)


def refused(body: bytes, limits: Limits = LIMITS) -> int:
    """The status, or 0."""
    try:
        check_json(body, limits)
    except Refusal as no:
        return no.status
    return 0


@given(VALUES, st.booleans())
def test_what_is_refused_is_too_deep_or_too_much(value: Any, plain: bool) -> None:
    body = json.dumps(value, ensure_ascii=plain).encode()
    status = refused(body)
    if size_of(value) > LIMITS.values:
        assert status in {0, 413} if depth_of(value) == 0 else status in {400, 413}
    else:
        assert status == (400 if depth_of(value) > DEPTH else 0)


@pytest.mark.parametrize(("levels", "status"), [(100, 0), (102, 400), (5000, 400), (1_000_000, 413)])
@pytest.mark.parametrize(("opening", "closing"), [(b"[[", b"]]"), (b'{"a":{"b":', b"}}"), (b'[{"a":', b"}]")])
def test_depth(levels: int, status: int, opening: bytes, closing: bytes) -> None:
    half = opening * (levels // 2)
    whole = half + b"1" + closing * (levels // 2)
    assert refused(whole, Limits()) == status
    assert refused(half, Limits()) == status
    if not status:
        assert msgspec.json.decode(whole)


@given(st.dictionaries(TEXTS, VALUES, max_size=3), st.booleans(), st.integers(1, 9))
def test_in_windows_and_pieces_the_same_is_found(value: dict[str, Any], plain: bool, window: int) -> None:
    body = json.dumps(value, ensure_ascii=plain).encode()
    whole = refused(body)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(json_body, "_WINDOW", window)
        assert refused(body) == whole
        assert asyncio.run(JsonReader().read(bytearray(body), Limits()))[0] == value


async def test_a_long_body_is_read_or_refused_as_a_short_one() -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    value = {
        "messages": [{"role": "user", "content": [picture, picture]}] * 2,
        "tools": [],
        "é": "☀" * 90_000,
    }
    body = json.dumps(value, ensure_ascii=False).encode()
    assert (await JsonReader().read(body, Limits()))[0] == value
    for broken in (body[:-1], body + b"}", body.replace(b"AA", b"\xff\xff", 1), b"[" + body + b"]"):
        with pytest.raises(Refusal) as no:
            await JsonReader().read(broken, Limits())
        assert no.value.status == 400
        assert no.value.sentence.endswith(".")
        assert "byte" not in no.value.sentence


def test_much_text_is_no_structure() -> None:
    code = json.dumps({"messages": [{"content": '{"a": ["' + '\\"],[{' * 500_000}]}).encode()
    assert refused(code, Limits()) == 0
    assert refused(json.dumps([code.decode()] * 3).encode(), Limits()) == 0


@pytest.mark.parametrize(
    "body",
    [b"[" + b"1," * 600_000 + b"1]", b"[]," * 600_000, b'"",' * 600_000, b"[" * 101 + b'"' * 2_000_000],
)
def test_many_values_are_too_much(body: bytes) -> None:
    assert refused(body, Limits()) == 413


@given(st.binary(max_size=60))
def test_whatever_is_no_json_is_left_to_the_reader_or_refused(body: bytes) -> None:
    assert refused(body) in {0, 400, 413}
