from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.redaction import MASK, Redactor


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-AbCdEf0123456789",
        "sk-ant-api03-AbCdEf0123456789",
        "AIzaSyA0123456789abcdefghijklmnop",
        "gsk_0123456789abcdefgh",
    ],
)
def test_a_key_of_a_known_shape_is_masked_wherever_it_stands(secret: str) -> None:
    assert Redactor()(f'{{"error": "Incorrect API key provided: {secret}."}}').count(MASK) == 1


@pytest.mark.parametrize(
    "text",
    [
        "GET https://host/v1/models?key=SECRET&x=1",
        "authorization: Bearer SECRET",
        "x-goog-api-key: SECRET",
    ],
)
def test_a_key_in_a_header_or_address_is_masked(text: str) -> None:
    assert "SECRET" not in Redactor()(text)


@given(secret=st.text(min_size=6, max_size=80), before=st.text(), after=st.text())
def test_a_known_key_of_any_shape_is_masked(secret: str, before: str, after: str) -> None:
    redact = Redactor()
    redact.add(secret)
    if secret not in MASK:
        assert secret not in redact(before + secret + after).replace(MASK, "")


def test_ordinary_words_are_left_alone() -> None:
    redact = Redactor()
    redact.add("a")
    assert redact("a task-oriented risk-free sentence") == "a task-oriented risk-free sentence"
