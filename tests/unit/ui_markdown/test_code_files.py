"""What a file of code is called."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.ui.markdown.code_files import file_name


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("python", "code.py"),
        ("TypeScript", "code.ts"),
        ("c++", "code.cpp"),
        ("json", "code.json"),
        ("{.rust}", "code.rs"),
        ("", "code.txt"),
        ("klingon", "code.txt"),
    ],
)
def test_the_extension_is_the_languages(language: str, name: str) -> None:
    assert file_name("code", language) == name


@given(st.text(max_size=30))
def test_nothing_a_model_writes_gets_into_the_name(language: str) -> None:
    assert re.fullmatch(r"code\.[a-z0-9]{1,10}", file_name("code", language))
