"""Every model in its place: first what fits, then what nearly fits, each with its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.models import ModelInfo, Price
from aiproxy_desktop.core.ranking import Reason
from aiproxy_desktop.core.selection import Candidate, Selection, select_model
from aiproxy_desktop.core.shortcomings import Lack
from tests.unit.core.test_selection import PLAIN, TODAY, _models, _requirements, able, named


def choose(*models: ModelInfo, **requirements: Any) -> Selection:
    return select_model(models, requirements, today=TODAY)


def order(selection: Selection) -> list[str]:
    return [one.model.id for one in selection.ranking]


def of(selection: Selection, model_id: str) -> Candidate:
    return next(one for one in selection.ranking if one.model.id == model_id)


def test_every_model_is_in_the_ranking_and_those_that_lack_least_come_next() -> None:
    chosen = choose(
        named("retired", capabilities=able(vision=True), context_window=64_000, retires_on=TODAY),
        named("blind-and-small", capabilities=able(vision=False), context_window=4_000),
        named("fits", capabilities=able(vision=True), context_window=64_000),
        named("unknown", context_window=64_000),
        named("small", capabilities=able(vision=True), context_window=4_000),
        named("nearly", capabilities=able(vision=True), context_window=30_000),
        vision=True,
        min_context_limit=32_000,
    )
    assert order(chosen) == ["fits", "unknown", "nearly", "small", "blind-and-small", "retired"]
    assert of(chosen, "fits").fits
    assert of(chosen, "blind-and-small").lacks == (
        Lack("capability", "vision"),
        Lack("context", has=4_000, wanted=32_000),
    )


def test_not_known_is_not_cannot() -> None:
    chosen = choose(named("unknown"), named("blind", capabilities=able(vision=False)), vision=True)
    unknown, blind = chosen.ranking
    assert (unknown.model.id, unknown.may_fit, blind.may_fit) == ("unknown", True, False)
    assert [str(one) for one in (*unknown.lacks, *blind.lacks)] == [
        "whether it does is not known: vision",
        "it does not read images",
    ]


def test_the_first_reason_is_what_puts_it_before_the_next() -> None:
    chosen = choose(
        named("large", context_window=1_000_000, price=Price(2.0, 10.0)),
        named("cheap", context_window=128_000, price=Price(0.25, 0.25)),
        named("dear", context_window=128_000, price=Price(1.0, 4.0)),
    )
    large, cheap, dear = chosen.ranking
    assert large.reasons[0] == Reason("larger", 1_000_000, than=128_000, rival="M")
    assert cheap.reasons[0] == Reason("cheaper", 0.25, than=1.75, rival="M")
    assert str(cheap.reasons[0]) == (
        "It costs less than M: $0.25 a million tokens; the other has $1.75 a million tokens."
    )
    assert dear.reasons == (Reason("context", 128_000), Reason("price", 1.0, 4.0))
    assert all(len(one.reasons) <= 3 for one in chosen.ranking)


@pytest.mark.parametrize(
    ("first", "second", "requirements", "kind", "said"),
    [
        (
            named("z"),
            named("b", retires_on=TODAY + timedelta(9), context_window=10**6),
            {},
            "lasts",
            "It is not about to be retired, and M is.",
        ),
        (
            named("z", local=True),
            named("b", context_window=10**6),
            {"local_preferred": True},
            "local",
            "It runs on this machine, and M does not.",
        ),
        (
            named("z"),
            named("b", local=True),
            {"local_preferred": False},
            "remote",
            "It does not run on this machine, and M does.",
        ),
        (
            named("z", local=True),
            named("b"),
            {},
            "cheaper",
            "It costs less than M: nothing; the other is not known.",
        ),
        (
            named("z", released_on=date(2026, 5, 1)),
            named("b"),
            {},
            "newer",
            "It is newer than M: 2026-05-01; the other is not known.",
        ),
        (
            named("b"),
            named("z"),
            {},
            "alphabet",
            "It comes before M in the alphabet, and is the same otherwise.",
        ),
    ],
)
def test_each_reason_has_a_sentence(
    first: ModelInfo, second: ModelInfo, requirements: dict[str, Any], kind: str, said: str
) -> None:
    best = choose(first, second, **requirements).ranking[0]
    reason = best.standing.before(choose(first, second, **requirements).ranking[1].standing)
    assert best.model == first
    assert (reason.kind, str(reason)) == (kind, said)


def test_what_ends_soon_is_noted() -> None:
    ends = TODAY + timedelta(9)
    assert choose(replace(PLAIN, retires_on=ends)).ranking[0].notes == (Reason("ends", ends),)
    assert choose(replace(PLAIN, retires_on=TODAY + timedelta(90))).ranking[0].notes == ()


CHEAP = named("cheap", context_window=8_000, price=Price(0.1, 0.1))
LARGE = named("large", context_window=1_000_000, price=Price(5.0, 5.0))


def test_a_wish_for_a_low_price_comes_before_the_context_window() -> None:
    assert order(choose(CHEAP, LARGE)) == ["large", "cheap"]
    assert order(choose(CHEAP, LARGE, cheap_preferred=True)) == ["cheap", "large"]
    assert order(choose(CHEAP, LARGE, cheap_preferred=False)) == ["large", "cheap"]


def test_a_wish_for_speed_goes_by_what_was_seen() -> None:
    models = [named("unseen", context_window=10**6), named("waits"), named("slow"), named("quick")]
    waits = {"a:quick": 1.5, "a:slow": 0.2, "a:waits": 0.1}
    rates = {"a:quick": 100.0, "a:slow": 5.0}
    chosen = select_model(models, {"fast_preferred": True}, waits.get, TODAY, rate=rates.get)
    assert order(chosen) == ["quick", "slow", "waits", "unseen"]
    assert chosen.ranking[0].reasons[0] == Reason("faster", 4.5, than=60.2, rival="M")


def test_both_wishes_speed_has_its_say_among_prices_that_are_nearly_the_same() -> None:
    models = [named("cheap", price=Price(1.0, 1.0)), named("quick", price=Price(1.1, 1.1)), LARGE]
    waits, rates = {"a:quick": 0.5, "a:cheap": 0.5}, {"a:quick": 100.0, "a:cheap": 10.0}
    wanted = {"cheap_preferred": True, "fast_preferred": True}
    assert order(select_model(models, wanted, waits.get, TODAY, rate=rates.get)) == [
        "quick",
        "cheap",
        "large",
    ]


def test_speed_can_be_required() -> None:
    models = [named("unseen"), named("slow"), named("quick")]
    waits, rates = {"a:quick": 0.5, "a:slow": 9.0}, {"a:quick": 80.0, "a:slow": 4.0}
    wanted = {"max_wait": 2, "min_speed": 20.5}
    chosen = select_model(models, wanted, waits.get, TODAY, rate=rates.get)
    assert order(chosen) == ["quick", "unseen", "slow"]
    assert [str(one) for one in of(chosen, "slow").lacks] == [
        "its wait for a first token is 9.0 s and at most 2 s was asked for",
        "its speed is 4.0 and at least 20.5 tokens a second was asked for",
    ]
    assert of(chosen, "unseen").may_fit
    assert "not known yet" in str(of(chosen, "unseen").lacks[0])
    assert chosen.ranking[0].reasons == (Reason("speed", 80.0), Reason("wait", 0.5))


def test_this_machine_can_be_ruled_out() -> None:
    chosen = choose(named("here", local=True), named("there"), remote_only=True)
    assert chosen.model == named("there")
    assert chosen.rejected == {"a:here": "it runs on this machine"}


@given(st.lists(_models, max_size=12), _requirements, st.booleans(), st.booleans())
def test_the_ranking_begins_with_what_is_chosen_and_has_everything(
    models: list[ModelInfo], requirements: dict[str, Any], cheap: bool, fast: bool
) -> None:
    wanted = requirements | {"cheap_preferred": cheap, "fast_preferred": fast}
    chosen = select_model(models, wanted, today=TODAY)
    fitting = [one.model for one in chosen.ranking if one.fits]
    assert chosen.model == (fitting[0] if fitting else None)
    assert list(chosen.runners_up) == fitting[1:4]
    assert len(chosen.ranking) == chosen.considered
    assert {one.model.reference for one in chosen.ranking if not one.fits} == set(chosen.rejected)
    fits = [one.fits for one in chosen.ranking]
    assert fits == sorted(fits, reverse=True)
    weights = [sum(lack.weight for lack in one.lacks) for one in chosen.ranking]
    assert weights == sorted(weights)
    for one in chosen.ranking:
        assert all(str(word) for word in (*one.reasons, *one.lacks, *one.notes))


def test_a_lack_has_a_weight_however_small_what_was_asked_for() -> None:
    assert Lack("wait", has=1e10, wanted=5e-324).weight == 2.0
    assert Lack("wait", has=2.0, wanted=1.0).weight == 1.25
