from __future__ import annotations

from datetime import UTC, datetime

import pytest

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.services.voice.figures import added, cost_of, tokens_of
from aiproxy_desktop.services.voice.functions import calculate, current_time, declared


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2 * (3 + 4) ** 2", 98),
        ("10 / 4", 2.5),
        ("2^10", 1024),
        ("round(sqrt(2), 3)", 1.414),
        ("-7 // 2", -4),
    ],
)
def test_arithmetic_is_done(expression: str, value: float) -> None:
    assert calculate({"expression": expression})["value"] == value


@pytest.mark.parametrize(
    "expression",
    [
        *("", "1 +", "open('x')", "__import__('os')", "().__class__", "'a' * 3", "[1][0]", "x", "lambda: 1"),
        *("9 ** 9 ** 9", "10 ** 1000000", "1 / 0", "(-1) ** 0.5", "round(1, ndigits=2)", "1e308 * 10 // 1"),
        *("sqrt()", "1 if 1 else 2", "True + 1", "factorial(9999999)"),
    ],
)
def test_nothing_else_is(expression: str) -> None:
    with pytest.raises(InvalidRequestError):
        calculate({"expression": expression})


def test_the_time_is_this_computers() -> None:
    told = current_time({})
    moment = datetime.fromisoformat(f"{told['date']}T{told['time']}{told['utc_offset']}")
    assert abs((moment - datetime.now(UTC)).total_seconds()) < 60


def test_declarations_are_read_in_every_dialect() -> None:
    plain = '[{"name": "open_door", "description": "Opens it", "parameters": {"type": "object"}}]'
    openai = '{"type": "function", "function": {"name": "open_door"}}'
    gemini = '{"functionDeclarations": [{"name": "open_door"}]}'
    assert [one.name for text in (plain, openai, gemini) for one in declared(text)] == ["open_door"] * 3
    assert declared("  ") == ()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("{", "Line 1"),
        ("3", "list"),
        ('[{"name": "two words"}]', "Function 1"),
        ('[{"name": "a", "parameters": 3}]', "schema"),
        ('[{"name": "a"}, {"name": "a"}]', "two functions"),
        ('[{"name": "calculate"}]', "two functions"),
    ],
)
def test_declarations_that_are_none_say_why(text: str, word: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        declared(text)
    assert word in str(caught.value)


def test_costs_are_known_or_unknown_and_never_guessed() -> None:
    facts = LiveModelFacts(
        *("m", "openai", 24_000),
        input_audio_price=32.0,
        input_text_price=4.0,
        cached_price=0.4,
        output_audio_price=64.0,
        output_text_price=16.0,
    )
    usage = LiveUsage(100, 1_000, 50, 2_000, cached=300)
    whole = (0 * 4 + 800 * 32 + 300 * 0.4 + 50 * 16 + 2_000 * 64) / 1e6
    assert cost_of(usage, facts) == pytest.approx(whole)
    assert cost_of(LiveUsage(total=5), facts) is None
    assert cost_of(usage, LiveModelFacts("m", "openai", 24_000)) is None
    assert tokens_of(LiveUsage()) is None
    assert added((usage, LiveUsage(input_text=1))).input_text == 101
    assert added((LiveUsage(), LiveUsage())).total is None
