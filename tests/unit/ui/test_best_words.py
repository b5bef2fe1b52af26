"""Needs as requirements, and reasons and shortcomings in words: none is left without any."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import get_args

import pytest

from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.ranking import Reason, ReasonKind
from aiproxy_desktop.core.requirements import read_requirements
from aiproxy_desktop.core.selection import select_model
from aiproxy_desktop.core.shortcomings import Lack, LackKind
from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.ui.models.best.needs import (
    ABILITIES,
    BUDGETS,
    CONTEXTS,
    WISHES,
    Needs,
    ability_words,
    at_hand,
    budget_words,
    loosenings,
    where_words,
    wish_words,
)
from aiproxy_desktop.ui.models.best.reasons import lack_words, reason_words

DAY = date(2026, 12, 11)


def test_needs_are_requirements_of_the_library() -> None:
    assert Needs().requirements == {}
    needs = Needs(
        frozenset({"vision", "tools"}), 32_000, "computer", 0.0, cheaper=True, faster=True, here=True
    )
    assert needs.requirements == {
        "vision": True,
        "tools": True,
        "min_context_limit": 32_000,
        "max_price_output": 0.0,
        "local_only": True,
        "cheap_preferred": True,
        "fast_preferred": True,
        "local_preferred": True,
    }
    assert Needs(where="cloud").requirements == {"remote_only": True}
    read_requirements(needs.requirements)
    read_requirements(Needs(frozenset(ABILITIES)).requirements)


def test_everything_that_is_offered_has_words() -> None:
    assert set(ability_words()) == set(ABILITIES)
    assert set(wish_words()) == set(WISHES)
    assert [budget_words(one) for one in BUDGETS] == [
        "Any price",
        "Free",
        "Up to $1",
        "Up to $5",
        "Up to $15",
    ]
    assert where_words("cloud") == "Cloud"
    assert CONTEXTS[0] == 0


@pytest.mark.parametrize("kind", get_args(ReasonKind))
@pytest.mark.parametrize("rival", ["", "Rival"])
def test_every_reason_has_words(kind: ReasonKind, rival: str) -> None:
    value = DAY if kind in {"ends", "newer", "lasts"} else 3.0
    for than in (None, value):
        words = reason_words(Reason(kind, value, than=than, rival=rival))
        assert words
        assert "{" not in words
        assert "None" not in words
        assert not rival or rival in words


@pytest.mark.parametrize("kind", [kind for kind in get_args(LackKind) if kind != "capability"])
def test_every_shortcoming_has_words(kind: LackKind) -> None:
    for lack in (Lack(kind, "p", 3.0, 5.0, day=DAY), Lack(kind, "p", None, 5.0, known=False, day=DAY)):
        words = lack_words(lack)
        assert words
        assert "{" not in words
        assert "None" not in words


@pytest.mark.parametrize("name", [*(one.name for one in fields(Capabilities)), "multimodal"])
def test_every_ability_that_is_lacking_or_not_known_has_words(name: str) -> None:
    lacking, unknown = lack_words(Lack("capability", name)), lack_words(Lack("capability", name, known=False))
    assert lacking
    assert unknown.startswith("Not known whether it")
    assert lacking != unknown


def model(name: str, *, local: bool = False, price: float | None = None, **able: bool) -> ModelInfo:
    capabilities = Capabilities(**({"streaming": True} | able))
    listed = None if price is None else Price(price, price)
    return ModelInfo(name, "p", name, local=local, capabilities=capabilities, price=listed)


def state(*models: ModelInfo, url: str = "https://p.example") -> ProviderState:
    return ProviderState("p", "P", "endpoint", "ready", models=models, base_url=url)


def test_a_server_on_ones_own_network_is_neither_here_nor_in_the_cloud() -> None:
    states = (state(model("m"), url="http://server:8000/v1"),)
    assert [one.id for one in at_hand(states, Needs(), ())] == ["m"]
    assert at_hand(states, Needs(where="cloud"), ()) == []
    assert at_hand(states, Needs(where="computer"), ()) == []


def test_what_only_makes_images_is_left_out_unless_something_is_to_be_made() -> None:
    painter = model("painter", images_out=True, streaming=False)
    states = (state(painter, model("m")),)
    assert [one.id for one in at_hand(states, Needs(), ())] == ["m"]
    makes = Needs(frozenset({"images_out"}))
    assert [one.id for one in at_hand(states, makes, ["p:m"])] == ["painter"]


def test_as_few_needs_as_will_do_are_given_up() -> None:
    needs = Needs(frozenset({"vision", "tools"}), budget=1.0)
    models = (
        model("blind", price=0.5, vision=False, tools=True),
        model("dear", price=9.0, vision=True, tools=True),
        model("dearer", price=19.0, vision=True, tools=True),
        model("nothing", price=9.0, vision=False, tools=False),
    )
    found = loosenings(needs, select_model(models, needs.requirements).ranking)
    assert [(one.words, one.models) for one in found] == [("Up to $1", 2), ("Reads images", 1)]
    assert found[0].needs == Needs(frozenset({"vision", "tools"}))
    assert found[1].needs == Needs(frozenset({"tools"}), budget=1.0)
    only = loosenings(needs, select_model(models[-1:], needs.requirements).ranking)
    assert [one.words for one in only] == ["Reads images, Calls tools, Up to $1"]
    assert only[0].needs == Needs()


def test_what_is_retired_is_nothing_to_give_up() -> None:
    gone = ModelInfo("m", "p", "M", retires_on=date(2020, 1, 1))
    assert loosenings(Needs(), select_model((gone,), {}).ranking) == ()
