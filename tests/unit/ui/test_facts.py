from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.chat.conversation.facts import answer_footer, conversation_totals, file_size, money


def test_every_known_fact_stands_in_the_footer() -> None:
    footer = answer_footer("gpt-6.1-sol", first_token_seconds=0.62, writing_seconds=14.3, output_tokens=1204)
    assert footer == "gpt-6.1-sol  ·  0.6 s to first token  ·  84 tok/s  ·  1,204 tokens"


def test_what_is_not_known_is_left_out() -> None:
    assert answer_footer("SmolLM2 135M") == "SmolLM2 135M"
    assert answer_footer(None) == ""
    assert answer_footer("m", output_tokens=0, writing_seconds=0.0) == "m"
    assert answer_footer("m", output_tokens=1, writing_seconds=1.0) == "m  ·  1 token"
    assert answer_footer("m", first_token_seconds=-5.0) == "m"


def test_a_rate_over_no_time_is_not_shown() -> None:
    assert answer_footer(None, output_tokens=500, writing_seconds=0.001) == "500 tokens"


def test_long_waits_need_no_decimals() -> None:
    assert answer_footer(None, first_token_seconds=74.4) == "74 s to first token"
    assert answer_footer(None, first_token_seconds=0.0) == "0.1 s to first token"


def test_an_answer_without_a_word_says_so() -> None:
    assert answer_footer("m", empty=True) == "The answer is empty  ·  m"


@pytest.mark.parametrize(
    ("dollars", "said"),
    [
        (0.0, "Free"),
        (0.0031, "$0.0031"),
        (0.00942, "$0.0094"),
        (0.005, "$0.005"),
        (0.0000421, "$0.000042"),
        (0.0996, "$0.10"),
        (0.02, "$0.02"),
        (0.1234, "$0.12"),
        (1234.5, "$1,234.50"),
        (0.0000001, "less than $0.000001"),
    ],
)
def test_small_sums_keep_two_figures_and_nothing_is_free(dollars: float, said: str) -> None:
    assert money(dollars) == said


@given(st.floats(min_value=1e-12, max_value=1e7))
def test_a_sum_is_never_said_to_be_nothing(dollars: float) -> None:
    said = money(dollars)
    assert any(figure in said for figure in "123456789")
    if dollars >= 1e-6:
        assert abs(float(said.lstrip("$").replace(",", "")) - dollars) <= max(0.006, dollars * 0.06)


def test_the_totals_of_a_conversation() -> None:
    assert conversation_totals(3918, 0.0094) == "3,918 tokens · $0.0094 in total"
    assert conversation_totals(3918, None) == "3,918 tokens in total"
    assert conversation_totals(3918, 0.0) == "3,918 tokens in total · Free"
    assert conversation_totals(None, 0.2) == ""


def test_cost_stands_last_in_the_footer() -> None:
    assert answer_footer("m", output_tokens=1204, cost=0.0031) == "m  ·  1,204 tokens  ·  $0.0031"
    assert answer_footer("m", output_tokens=1204, cost=0) == "m  ·  1,204 tokens  ·  Free"
    assert answer_footer("m", output_tokens=1204) == "m  ·  1,204 tokens"


@pytest.mark.parametrize(
    ("size", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (184_213, "184 KB"), (999_499, "999 KB"), (2_440_000, "2.4 MB")],
)
def test_sizes_of_files(size: int, said: str) -> None:
    assert file_size(size) == said
