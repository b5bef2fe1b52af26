from __future__ import annotations

from aiproxy_desktop.ui.chat.facts import answer_footer, count


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


def test_counts_speak_english() -> None:
    assert count(1, "model") == "1 model"
    assert count(2, "model") == "2 models"


def test_an_answer_without_a_word_says_so() -> None:
    assert answer_footer("m", empty=True) == "The answer is empty  ·  m"
