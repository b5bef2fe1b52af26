from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.requirements import KNOWN_NAMES, input_price, output_price
from aiproxy_desktop.core.selection import Selection, ranked, select_model, selection_entry

TODAY = date(2026, 11, 22)
PLAIN = ModelInfo("m", "a", "M")


def named(name: str, **facts: Any) -> ModelInfo:
    return replace(PLAIN, id=name, **facts)


def choose(*models: ModelInfo, **requirements: Any) -> Selection:
    return select_model(models, requirements, today=TODAY)


def able(**flags: bool) -> Capabilities:
    return Capabilities(**flags)


SEES = named("sees", capabilities=able(vision=True), context_window=64_000)
BLIND = named("blind", capabilities=able(vision=False), context_window=1_000_000)
UNKNOWN = named("unknown", context_window=1_000_000)


def test_the_seeds_own_requirements() -> None:
    chosen = choose(SEES, BLIND, UNKNOWN, multimodal=True, min_context_limit=32_000, local_preferred=False)
    assert chosen.model == SEES
    assert chosen.considered == 3
    assert chosen.rejected == {
        "a:blind": "it reads nothing but text",
        "a:unknown": "whether it does is not known: multimodal",
    }
    assert "a:sees is the first of 1 that fit, out of 3." in chosen.explanation
    assert "multimodal" in chosen.explanation
    assert "64,000" in chosen.explanation


@pytest.mark.parametrize(
    ("requirement", "fits", "fails"),
    [
        ({"pdf": True}, {"capabilities": able(documents=True)}, {"capabilities": able(documents=False)}),
        ({"images": True}, {"capabilities": able(images_out=True)}, {}),
        ({"tools": True}, {"capabilities": able(tools=True)}, {}),
        ({"thinking": True}, {"capabilities": able(thinking=True)}, {"capabilities": able(thinking=False)}),
        ({"min_context_limit": 8}, {"context_window": 8}, {"context_window": 7}),
        ({"min_context_limit": 8}, {"context_window": 8}, {}),
        ({"min_output_limit": 8}, {"output_limit": 9}, {}),
        ({"max_price_input": 1}, {"price": Price(1.0)}, {"price": Price(1.1)}),
        ({"max_price_output": 1.5}, {"price": Price(None, 1.5)}, {"price": Price(1.0)}),
        ({"max_price_input": 0}, {"local": True}, {}),
        ({"local_only": True}, {"local": True}, {}),
        ({"provider": "a"}, {}, {"provider": "b"}),
        ({"providers": ["a", "c"]}, {"provider": "c"}, {"provider": "b"}),
        ({"providers": ["a", "b"], "provider": "a"}, {}, {"provider": "b"}),
        ({"exclude": "a:m"}, {"provider": "b"}, {}),
        ({"exclude": ["m"]}, {"id": "n"}, {}),
        ({}, {"retires_on": TODAY + timedelta(1)}, {"retires_on": TODAY}),
    ],
)
def test_each_requirement_is_hard(requirement: dict[str, Any], fits: Any, fails: Any) -> None:
    good, bad = replace(PLAIN, **fits), replace(PLAIN, **fails)
    assert choose(good, **requirement).model == good
    refused = choose(bad, **requirement)
    assert refused.model is None
    assert list(refused.rejected) == [bad.reference]
    assert refused.reasons[0] == "None of the 1 models at hand fits."


def test_the_retired_only_when_asked_for() -> None:
    old = replace(PLAIN, retires_on=TODAY)
    assert choose(old).model is None
    assert choose(old, available=False).model == old


@pytest.mark.parametrize(
    "nothing", [{"tools": False}, {"tools": None}, {"local_only": False}, {}, {"min_context_limit": 0}]
)
def test_what_asks_for_nothing(nothing: dict[str, Any]) -> None:
    assert choose(PLAIN, **nothing).model == PLAIN


@pytest.mark.parametrize(
    ("first", "second", "requirements"),
    [
        (SEES, replace(SEES, id="a", retires_on=TODAY + timedelta(9), context_window=10**6), {}),
        (named("z", local=True), named("b", context_window=10**6), {"local_preferred": True}),
        (named("z"), named("b", local=True, context_window=10**6), {"local_preferred": False}),
        (named("z", context_window=200_000, price=Price(9.0, 9.0)), named("b", context_window=100_000), {}),
        (
            named("z", context_window=1_000_000, price=Price(1.0, 1.0)),
            named("b", context_window=1_048_576, price=Price(2.0, 2.0)),
            {},
        ),
        (named("z", price=Price(1.0, 1.0)), named("b"), {}),
        (named("z", local=True), named("b", price=Price(0.1, 0.1)), {}),
        (named("z", released_on=date(2026, 5, 1)), named("b", released_on=date(2025, 5, 1)), {}),
        (named("b"), named("z"), {}),
    ],
)
def test_what_comes_first(first: ModelInfo, second: ModelInfo, requirements: dict[str, Any]) -> None:
    for models in ((first, second), (second, first)):
        chosen = choose(*models, **requirements)
        assert chosen.model == first
        assert chosen.runners_up == (second,)


def test_the_faster_one_as_seen() -> None:
    waits = {"a:z": 0.4, "a:b": 3.0}
    chosen = select_model([named("b"), named("c"), named("z")], {}, waits.get, TODAY)
    assert chosen.model == named("z")
    assert chosen.runners_up == (named("b"), named("c"))
    assert "0.4 s" in chosen.explanation


@pytest.mark.parametrize(
    ("requirements", "words"),
    [
        ({"multimodel": True}, "multimodal"),
        ({"context": 5}, "min_context_limit"),
        ({3: True}, "There are"),
        ({"tools": "yes"}, "True or False"),
        ({"min_context_limit": -1}, "tokens"),
        ({"min_context_limit": True}, "tokens"),
        ({"max_price_input": float("nan")}, "dollars"),
        ({"max_price_input": "cheap"}, "dollars"),
        ({"providers": 3}, "names"),
        ({"exclude": [None]}, "names"),
    ],
)
def test_what_is_no_requirement_is_an_error_that_helps(requirements: dict[Any, Any], words: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        select_model([PLAIN], requirements)
    assert words in str(caught.value)


def test_nothing_at_hand() -> None:
    assert select_model([], {}).reasons == ("No model is at hand: no provider has listed any.",)
    assert selection_entry(select_model([], {}), []) is None


@pytest.mark.parametrize(
    ("best", "others", "name"),
    [
        (named("m"), (), "m"),
        (named("m"), (named("m", provider="b"),), "a:m"),
        (named("llama3.2:3b"), (), "llama3.2:3b"),
        (named("b:m"), (named("x", provider="b"),), "a:b:m"),
    ],
)
def test_the_chosen_id_means_this_model_alone(
    best: ModelInfo, others: tuple[ModelInfo, ...], name: str
) -> None:
    models = (best, *others)
    entry = selection_entry(select_model(models, {"provider": "a"}, today=TODAY), models)
    assert entry is not None
    assert entry["id"] == name
    assert entry["explanation"]
    assert entry["reference"] == best.reference


_flags = st.builds(
    Capabilities, **{one.name: st.sampled_from([None, True, False]) for one in fields(Capabilities)}
)
_sizes = st.none() | st.integers(1, 2_000_000)
_prices = st.none() | st.floats(0.01, 100)
_models = st.builds(
    ModelInfo,
    id=st.sampled_from(["x", "y", "z", "w"]),
    provider=st.sampled_from(["a", "b", "c"]),
    display_name=st.just("M"),
    context_window=_sizes,
    output_limit=_sizes,
    local=st.booleans(),
    capabilities=_flags,
    price=st.none() | st.builds(Price, _prices, _prices),
    released_on=st.none() | st.dates(),
    retires_on=st.none() | st.dates(date(2026, 10, 1), date(2027, 1, 1)),
)
_requirements = st.fixed_dictionaries(
    {},
    optional={
        **{one.name: st.booleans() for one in fields(Capabilities)},
        "multimodal": st.booleans(),
        "min_context_limit": st.integers(0, 1_000_000),
        "min_output_limit": st.integers(0, 1_000_000),
        "max_price_input": st.floats(0, 50),
        "max_price_output": st.floats(0, 50),
        "provider": st.sampled_from(["a", "b"]),
        "exclude": st.lists(st.sampled_from(["x", "a:y"])),
        "local_only": st.booleans(),
        "local_preferred": st.booleans(),
    },
)


@given(st.lists(_models, max_size=12), _requirements)
def test_whatever_is_chosen_has_all_that_was_required(
    models: list[ModelInfo], requirements: dict[str, Any]
) -> None:
    chosen = select_model(models, requirements, today=TODAY)
    references = {model.reference for model in models}
    assert chosen.considered == len(references)
    assert set(chosen.rejected) <= references
    assert (chosen.model is None) == (set(chosen.rejected) == references)
    for model in (chosen.model, *chosen.runners_up):
        if model is None:
            continue
        assert model.reference not in chosen.rejected
        assert model.retires_on is None or model.retires_on > TODAY
        for name, value in requirements.items():
            if value is True and name in {*(one.name for one in fields(Capabilities)), "multimodal"}:
                assert getattr(model.capabilities, name) is True
        assert (model.context_window or 0) >= requirements.get("min_context_limit", 0)
        assert (model.output_limit or 0) >= requirements.get("min_output_limit", 0)
        for name, price in (
            ("max_price_input", input_price(model)),
            ("max_price_output", output_price(model)),
        ):
            assert name not in requirements or (price is not None and price <= requirements[name])
        assert model.provider == requirements.get("provider", model.provider)
        assert not {model.id, model.reference} & set(requirements.get("exclude", ()))
        assert model.local or not requirements.get("local_only")


@given(
    st.lists(_models, max_size=8, unique_by=lambda model: model.reference),
    st.sampled_from([None, True, False]),
    st.data(),
)
def test_the_order_is_total_and_does_not_depend_on_where_it_began(
    models: list[ModelInfo], local: bool | None, data: st.DataObject
) -> None:
    order = ranked(models, local, today=TODAY)
    assert ranked(data.draw(st.permutations(models)), local, today=TODAY) == order
    assert sorted(order, key=str) == sorted(models, key=str)
    for one, other in pairwise(order):
        assert ranked((other, one), local, today=TODAY) == [one, other]


def test_every_requirement_is_documented() -> None:
    from aiproxy_desktop.core import requirements

    assert all(f"`{name}`" in (requirements.__doc__ or "") for name in KNOWN_NAMES)
