from __future__ import annotations

from itertools import pairwise

import pytest

from aiproxy_desktop.services.versions import parse

# From the oldest to the newest, as semver.org orders them (item 11).
ORDER = (
    *("0.1.0", "0.2.0", "0.10.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta"),
    *("1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "2.0.0"),
)


def test_the_order_is_that_of_the_standard() -> None:
    versions = [parse(text) for text in ORDER]
    for older, newer in pairwise(versions):
        assert older is not None
        assert newer is not None
        assert newer.is_newer_than(older)
        assert not older.is_newer_than(newer)
        assert not newer.is_newer_than(newer)


@pytest.mark.parametrize("text", ORDER)
def test_a_version_is_written_as_it_was_read(text: str) -> None:
    assert str(parse(f"v{text}+build.7")) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "v", "1", "1.2", "1.2.3.4", "1.2.x", "latest", "1.2.3-", "1.2.3-a..b", " 1.2.3", "1.2.3\n"),
        *("1.2.٣", "9" * 90 + ".0.0", "1.2.3-" + "a" * 100),
    ],
)
def test_what_is_no_version_is_none(text: str) -> None:
    assert parse(text) is None
