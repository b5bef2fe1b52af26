"""The models table as values: what matches, in which order, and what is built anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.requirements import UNSEEN, Seen
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.model_settings import ModelsView
from aiproxy_desktop.ui.models.filters.choices import (
    capability_value,
    context_value,
    place_value,
    price_value,
    provider_choices,
    provider_value,
    toggled,
)
from aiproxy_desktop.ui.models.filters.matching import filter_count
from aiproxy_desktop.ui.models.table.columns import COLUMNS, natural
from aiproxy_desktop.ui.models.table.listing import Listing
from aiproxy_desktop.ui.models.table.rows import Row

SEES = Capabilities(vision=True, tools=True, thinking=False)
SOL = ModelInfo(
    "gpt-6-sol",
    "openai",
    "gpt-6-sol",
    context_window=400_000,
    capabilities=SEES,
    price=Price(0.6, 2.4),
    retires_on=None,
)
OLD = replace(
    SOL, id="gpt-5-mini", display_name="gpt-5-mini", price=Price(0.25, 2.0), retires_on=date(2026, 12, 11)
)
UNKNOWN = ModelInfo("mystery", "openai", "mystery")
LLAMA = ModelInfo(
    "llama3.2:3b",
    "ollama",
    "llama3.2:3b",
    context_window=131_072,
    size_bytes=2_000_000_000,
    local=True,
    capabilities=Capabilities(tools=True, vision=False),
    quantization="Q4_K_M",
)
OPENAI = ProviderState(
    "openai", "OpenAI", "openai", "ready", models=(SOL, OLD, UNKNOWN), base_url="https://api.openai.com/v1"
)
OLLAMA = ProviderState(
    "ollama", "Ollama", "ollama", "ready", models=(LLAMA,), base_url="http://127.0.0.1:11434"
)
ALL = (OPENAI, OLLAMA)


def names(rows: list[Row]) -> list[str]:
    return [row.model.id for row in rows]


def listing(
    *states: ProviderState, favourites: tuple[str, ...] = (), hidden: tuple[str, ...] = ()
) -> Listing:
    made = Listing(lambda _reference: UNSEEN)
    made.take(states or ALL, favourites, hidden)
    return made


@pytest.mark.parametrize(
    ("view", "left"),
    [
        (ModelsView(), ["gpt-5-mini", "gpt-6-sol", "llama3.2:3b", "mystery"]),
        (ModelsView(capabilities=("vision",)), ["gpt-5-mini", "gpt-6-sol"]),
        (ModelsView(capabilities=("tools",), places=("computer",)), ["llama3.2:3b"]),
        (
            ModelsView(places=("computer", "cloud"), providers=("openai",)),
            ["gpt-5-mini", "gpt-6-sol", "mystery"],
        ),
        (ModelsView(min_context=200_000), ["gpt-5-mini", "gpt-6-sol"]),
        (ModelsView(max_price=2.0), ["gpt-5-mini", "llama3.2:3b"]),
        (ModelsView(max_price=0.0), ["llama3.2:3b"]),
        (ModelsView(not_retiring=True, capabilities=("vision",)), ["gpt-6-sol"]),
        (ModelsView(capabilities=("no such thing",)), []),
    ],
)
def test_filters_combine_and_what_is_unknown_passes_none(view: ModelsView, left: list[str]) -> None:
    assert names(listing().show(view, "")) == left


def test_a_search_finds_each_word_in_name_id_or_provider() -> None:
    found = listing()
    assert names(found.show(ModelsView(), "OPEN mini")) == ["gpt-5-mini"]
    assert names(found.show(ModelsView(), "3b llama")) == ["llama3.2:3b"]
    assert names(found.show(ModelsView(), "claude")) == []


def test_favourites_and_hidden_ones() -> None:
    found = listing(favourites=("ollama:llama3.2:3b",), hidden=("openai:mystery",))
    assert names(found.show(ModelsView(favourites=True), "")) == ["llama3.2:3b"]
    assert "mystery" not in names(found.show(ModelsView(), ""))
    assert "mystery" in names(found.show(ModelsView(hidden=True), ""))
    assert (found.total(hidden=False), found.total(hidden=True)) == (3, 4)


@pytest.mark.parametrize("column", [column.id for column in COLUMNS])
def test_every_column_sorts_both_ways_with_the_unknown_last(column: str) -> None:
    key = next(one for one in COLUMNS if one.id == column).key
    for descending in (False, True):
        keys = [key(row) for row in listing().show(ModelsView(sort=column, descending=descending), "")]
        known = [one for one in keys if one is not None]
        assert known == sorted(known, reverse=descending)
        assert all(one is None for one in keys[len(known) :])


def test_a_column_that_is_none_sorts_by_name() -> None:
    assert names(listing().show(ModelsView(sort="of another version"), ""))[0] == "gpt-5-mini"


def test_names_sort_as_people_count() -> None:
    assert sorted(["gpt-5.10", "GPT-5.9", "gpt-5.9-b", "7b", "70b"], key=natural) == [
        "7b",
        "70b",
        "GPT-5.9",
        "gpt-5.9-b",
        "gpt-5.10",
    ]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_names_can_be_sorted(texts: list[str]) -> None:
    assert len(sorted([*texts, "9" * 10_000, "9" * 5], key=natural)) == len(texts) + 2


def test_only_a_provider_that_changed_is_built_anew() -> None:
    asked: list[str] = []

    def speed(reference: str) -> Seen:
        asked.append(reference)
        return UNSEEN

    made = Listing(speed)
    assert made.take(ALL, (), ())
    asked.clear()
    assert not made.take((replace(OPENAI, detail="Ready, 3 models", milliseconds=9), OLLAMA), (), ())
    assert asked == []
    assert made.take((OPENAI, replace(OLLAMA, models=())), (), ())
    assert asked == []
    assert made.take((replace(OPENAI, status="unreachable"),), (), ())
    assert asked == [model.reference for model in OPENAI.models]
    assert [row.usable for row in made.rows] == [False] * 3


def test_speeds_seen_later_are_shown_when_they_are_looked_for() -> None:
    seen: dict[str, Seen] = {}
    made = Listing(lambda reference: seen.get(reference, UNSEEN))
    made.take(ALL, (), ())
    seen["openai:gpt-6-sol"] = Seen(0.6, 84.0)
    made.look_again()
    assert names(made.show(ModelsView(sort="speed", descending=True), ""))[0] == "gpt-6-sol"
    assert made.row("openai:gpt-6-sol") in made.shown
    assert made.row("nobody:nothing") is None


def test_chips_say_what_is_asked_for() -> None:
    view = ModelsView(
        capabilities=("vision", "tools"),
        providers=("openai", "gone"),
        places=("computer",),
        min_context=32_000,
    )
    assert capability_value(view) == "Capability: Vision, Tools"
    assert provider_value(view, ALL) == "Provider: OpenAI, gone"
    assert place_value(view) == "This computer"
    assert context_value(view) == "Context ≥ 32k"
    assert price_value(msgspec.structs.replace(view, max_price=0.0)) == "Free"
    assert price_value(msgspec.structs.replace(view, max_price=0.5)) == "Out ≤ $0.50"
    assert filter_count(view) == 4
    assert [one.value for one in provider_choices(view, ALL)] == ["openai", "ollama", "gone"]
    assert toggled(("a", "b"), "a") == ("b",)
    assert toggled(("a",), "b") == ("a", "b")


def test_what_stands_in_each_column() -> None:
    row = next(row for row in listing().rows if row.model is LLAMA)
    texts = {column.id: column.text(row) for column in COLUMNS}
    assert texts["place"] == "This computer"
    assert texts["context"] == "128k"
    assert (texts["input"], texts["output"]) == ("Free", "Free")
    assert texts["quantization"] == "Q4_K_M"
    assert texts["limit"] == "Unknown"
    assert texts["speed"] == ""
    unknown = next(row for row in listing().rows if row.model is UNKNOWN)
    assert {column.id: column.text(unknown) for column in COLUMNS}["output"] == "Unknown"
