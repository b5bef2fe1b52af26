"""Estimates against what real vocabularies make of the same texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.token_estimate import (
    audio_tokens,
    document_tokens,
    estimate_tokens,
    image_tokens,
    video_tokens,
)

_CODE = """\
def _weight(text: str) -> float:
    data = text.encode("utf-8", "replace")
    for kind in (_LETTERS, _DIGITS):
        data = data.translate(None, kind)  # at C's speed
    return len(data) * 0.68 + words.get("signs", 0)
"""


# Counted with cl100k_base and o200k_base: the fewer and the more.
@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("Hello there, how are you?", 7, 7),
        (_CODE, 71, 71),
        ("2026-11-26,184,0.0094,1105\n2026-11-27,185,0.0031,1204\n" * 20, 680, 680),
        ("我们的订单查询在表超过四百万行之后变慢了。执行计划显示了顺序扫描。", 22, 35),
        ("Great work! 🎉 The build passes 🚀 and everyone is happy 😀. " * 3, 49, 55),
        ("Der Entwurf berücksichtigt die Anforderungen der Nutzerinnen und Nutzer.", 12, 21),
    ],
)
def test_texts_are_told_within_a_fifth(text: str, least: int, most: int) -> None:
    assert 0.8 * least <= estimate_tokens(text) <= 1.2 * most


def test_no_text_takes_nothing_and_any_text_something() -> None:
    assert estimate_tokens("") == 0
    assert estimate_tokens(" ") == 1
    assert estimate_tokens("\ud800") >= 1


@given(st.text(), st.text())
def test_more_text_never_takes_less(text: str, more: str) -> None:
    assert estimate_tokens(text + more) + 1 >= estimate_tokens(text)


def test_an_unbroken_line_is_not_one_word() -> None:
    assert estimate_tokens("a" * 100_000) > 10_000


def test_a_long_text_is_told_as_its_parts_are() -> None:
    part = "The quick brown fox jumps over the lazy dog, again and again.\n"
    whole = part * 100_000

    assert abs(estimate_tokens(whole) - 100_000 * estimate_tokens(part)) < 0.1 * estimate_tokens(whole)


def test_images_are_told_by_their_providers_rules() -> None:
    assert image_tokens(1024, 1024, "openai") == 765
    assert image_tokens(2048, 4096, "openai") == 1105
    assert image_tokens(384, 384, "gemini") == 258
    assert image_tokens(1536, 768, "gemini") == 516
    assert image_tokens(1092, 1092, "anthropic") == 1590
    assert image_tokens(4000, 3000, "anthropic") <= 1600
    assert image_tokens(300, 250) == 100
    assert image_tokens(1, 10_000, "openai") > 0


def test_sounds_films_and_documents() -> None:
    assert audio_tokens(60) == 1920
    assert audio_tokens(60, "openai") == 600
    assert video_tokens(10) == 2900
    assert document_tokens(4, "gemini") == 1032
    assert document_tokens(4) == 8000
