from __future__ import annotations

import json
import string
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiproxy_desktop.core import list_bodies
from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.list_bodies import read_list
from aiproxy_desktop.core.model_hygiene import (
    LONGEST_ID,
    MOST_MODELS,
    CutList,
    clean_list,
    clean_model,
    shown_text,
)
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price

GOOD = ModelInfo(
    "some/model-1:free",
    "here",
    "Some model 1",
    128_000,
    8_192,
    4_000_000_000,
    capabilities=Capabilities(tools=True, vision=False),
    price=Price(0.1, 2),
    released_on=date(2026, 1, 2),
    description="What it is",
    parameters="7.6B",
    quantization="Q4_K_M",
)


def test_a_sound_model_stays_the_very_same() -> None:
    assert clean_model(GOOD, "here") is GOOD


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * (LONGEST_ID + 1), "a\nb", "a\u202eb", "a\x00", "\ud800", None, 7, b"x"]
)
def test_a_name_that_cannot_be_shown_or_sent_is_left_out(name: Any) -> None:
    assert clean_model(replace(GOOD, id=name), "here") is None


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        ("context_window", -1, None),
        ("context_window", 0, None),
        ("context_window", 10**12, None),
        ("context_window", "128k", None),
        ("context_window", True, None),
        ("output_limit", float("nan"), None),
        ("size_bytes", -4, None),
        ("size_bytes", 1 << 60, None),
        ("price", Price(-1, float("inf"), float("nan")), None),
        ("price", Price(-1, 2.0), Price(None, 2.0)),
        ("price", Price("free", 1.0), Price(None, 1.0)),  # type: ignore[arg-type]  # as a plug-in may
        ("price", 3.0, None),
        ("price", Price(0.0, 0.0), Price(0.0, 0.0)),
        ("capabilities", {"tools": True}, Capabilities()),
        ("capabilities", Capabilities(tools="yes"), Capabilities()),  # type: ignore[arg-type]  # the same
        ("released_on", "2026-01-01", None),
        ("retires_on", datetime(2027, 1, 1, tzinfo=UTC), date(2027, 1, 1)),
        ("display_name", "<b>bold</b> & brave", "<b>bold</b> & brave"),
        ("display_name", "two\nlines\u202e\u200b", "two lines"),
        ("display_name", "", "some/model-1:free"),
        ("display_name", None, "some/model-1:free"),
        ("description", ["a"], ""),
        ("local", "yes", False),
        ("provider", "another", "here"),
    ],
)
def test_what_cannot_be_true_is_unknown(field: str, value: Any, kept: Any) -> None:
    cleaned = clean_model(replace(GOOD, **{field: value}), "here")
    assert cleaned is not None
    assert getattr(cleaned, field) == kept


@pytest.mark.parametrize("thing", [None, 1, "model", {"id": "a"}, object()])
def test_what_is_no_model_is_left_out(thing: Any) -> None:
    assert clean_model(thing, "here") is None


_anything: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(categories=None), max_size=50),
    st.binary(max_size=5),
    st.builds(Price, st.floats(), st.integers(), st.none()),
    st.dates(),
)


@given(
    st.lists(
        st.builds(ModelInfo, *[_anything] * 14)
        | _anything
        | st.builds(ModelInfo, st.text(string.printable, max_size=4), _anything, _anything),
        max_size=12,
    )
)
@settings(max_examples=300, deadline=None)
async def test_whatever_a_plug_in_lists_can_be_shown(listed: list[Any]) -> None:
    found = await clean_list(listed, "here", "Here")
    assert len({model.id for model in found.models}) == len(found.models) <= len(listed) == found.total
    for model in found.models:
        assert model.provider == "here"
        for text in (model.id, model.display_name, model.description, model.parameters, model.quantization):
            assert text.isprintable()
        assert model.display_name
        assert len(model.display_name) <= 120
        for number in (model.context_window, model.output_limit, model.size_bytes):
            assert number is None or number > 0


@pytest.mark.parametrize("listed", [None, 3, "models", b"models"])
async def test_what_is_no_list_is_a_sentence(listed: Any) -> None:
    with pytest.raises(ProtocolError, match="Here sent a list of models that cannot be read"):
        await clean_list(listed, "here", "Here")


async def test_a_list_without_end_has_an_end() -> None:
    def models() -> Iterator[ModelInfo]:
        return (replace(GOOD, id=f"m{number}") for number in count())

    found = await clean_list(models(), "here", "Here")
    assert (len(found.models), found.cut) == (MOST_MODELS, True)


async def test_a_list_that_was_cut_tells_how_long_it_was() -> None:
    found = await clean_list(CutList.of([GOOD], 1_000_000), "here", "Here")
    assert (found.total, found.cut) == (1_000_000, True)


@given(st.text(st.characters(categories=None), max_size=400), st.integers(2, 100))
@settings(deadline=None)
def test_a_shown_text_is_short_and_plain(text: str, longest: int) -> None:
    shown = shown_text(text, longest)
    assert len(shown) <= longest
    assert shown.isprintable()


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["object", "data", "next", "x"]), _json)
    | st.builds(lambda rows: {"data": rows}, st.lists(_json, max_size=6))
    | st.lists(_json, max_size=6),
    st.sampled_from([None, 1, "\t"]),
    st.integers(1, 40),
)
@settings(deadline=None, max_examples=300)
async def test_a_large_body_reads_as_a_small_one(payload: Any, indent: int | str | None, piece: int) -> None:
    """However it is cut into pieces."""
    body = json.dumps(payload, indent=indent, ensure_ascii=piece % 2 == 0).encode()
    small = await read_list(body, ("data",))
    assert small[0] == payload
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(list_bodies, "_PIECE", piece)
        assert list_bodies._read_large(body, ("data",)) == small


@given(st.binary(max_size=40) | st.text('{}[]",:0 ndat', max_size=40).map(str.encode))
@settings(deadline=None, max_examples=500)
def test_a_large_body_that_is_no_json_is_one_sentence(body: bytes) -> None:
    with suppress(ProtocolError):  # and nothing else
        list_bodies._read_large(body, ("data",))


async def test_of_a_million_rows_those_are_kept_that_can_be_shown() -> None:
    rows = b",".join(b'{"id":"m%d"}' % number for number in range(1_000_000))
    payload, total = await read_list(b'{"object":"list","data":[' + rows + b'],"more":false}', ("data",))
    assert (total, len(payload["data"]), payload["more"]) == (1_000_000, MOST_MODELS, False)
    assert payload["data"][-1] == {"id": f"m{MOST_MODELS - 1}"}
