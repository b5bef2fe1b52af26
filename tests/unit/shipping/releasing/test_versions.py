from __future__ import annotations

import re

import pytest
from shipping.errors import VersionError
from shipping.releasing import versions
from shipping.releasing.versions import Version

from aiproxy_desktop import __version__
from tests.source import REPOSITORY, text_files


def test_the_tree_has_one() -> None:
    assert str(versions.version_of(REPOSITORY)) == __version__


def test_it_stands_nowhere_else() -> None:
    number = re.compile(rf"(?<![\w.]){re.escape(__version__)}(?![\w.])")
    packaging = (
        ".ci/",
        "resources/installer/",
        "pyproject.toml",
        "pyinstaller.spec",
        "Makefile",
        "README.md",
    )
    found = [name for name, text in text_files() if name.startswith(packaging) and number.search(text)]
    assert not found


@pytest.mark.parametrize("text", ["0.1.0", "1.2.3", "10.0.99999"])
def test_three_numbers_are_a_version(text: str) -> None:
    assert str(Version.of(text)) == text
    assert Version.of(text).tag == f"v{text}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "1.2",
        "1.2.3.4",
        "v1.2.3",
        "01.2.3",
        "1.2.-3",
        "1.2.3-rc.1",
        "1.2.3\n",
        "١.2.3",
        "1.2.1000000",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(VersionError, match=r"^'.*' is no version: write three numbers, such as 1\.2\.3\.$"):
        Version.of(text)


def test_they_are_compared_number_by_number() -> None:
    assert versions.tagged(["v0.9.0", "demo", "v0.10.0", "v1.0", "nightly-2"]) == [
        Version(0, 10, 0),
        Version(0, 9, 0),
    ]


def test_the_line_alone_is_replaced() -> None:
    source = '"""A text with __version__ in it."""\n\n__version__ = "0.1.0"\nOTHER = "0.1.0"\n'
    assert versions.raised(source, Version(0, 2, 0)) == source.replace('__ = "0.1.0"', '__ = "0.2.0"')


@pytest.mark.parametrize("source", ["", '__version__ = "1.2.3"\n__version__ = "1.2.4"\n'])
def test_a_version_that_stands_nowhere_or_twice_is_said(source: str) -> None:
    with pytest.raises(VersionError, match="should hold one line"):
        versions.raised(source, Version(2, 0, 0))
