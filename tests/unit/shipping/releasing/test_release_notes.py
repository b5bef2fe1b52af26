"""What a release brought is told to lists of software and to apt, in their forms."""

from __future__ import annotations

from datetime import date
from xml.etree import ElementTree as ET

import pytest
from shipping.errors import ChangelogError
from shipping.layout import VERSION
from shipping.releasing import release_notes
from shipping.releasing.release_notes import Release, as_appstream, as_debian, of_changelog

TODAY = date(2026, 11, 26)
CHANGELOG = """# Changes

What changed.

## Unreleased

- **New.** Something `new` & better, told
  in two lines.

## 1.1.0 - 2026-10-02

The second one,
in a paragraph.

- A [link](https://example.org) to follow
  - with a detail
    of two lines
- Another

### Small things

Some more.

## 1.0.0 - 2026-09-01

First.
"""


def test_what_is_not_released_is_the_version_that_is_built() -> None:
    newest, second, first = of_changelog(CHANGELOG, "1.2.0", TODAY)
    assert newest == Release("1.2.0", TODAY, (), ("New. Something new & better, told in two lines.",))
    assert second.paragraphs == ("The second one, in a paragraph.", "Some more.")
    assert second.points == ("A link to follow", "Another")
    assert first == Release("1.0.0", date(2026, 9, 1), ("First.",))


def test_a_version_that_has_its_section_is_told_of_once() -> None:
    assert [release.version for release in of_changelog(CHANGELOG, "1.1.0", TODAY)] == ["1.1.0", "1.0.0"]


def test_a_changelog_of_another_form_is_refused() -> None:
    with pytest.raises(ChangelogError):
        of_changelog("# Changes\n\n## Yesterday\n", "1.0.0", TODAY)


def test_appstream_reads_it() -> None:
    told = ET.fromstring(as_appstream(of_changelog(CHANGELOG, "1.2.0", TODAY)))
    releases = told.findall("release")
    assert [(one.get("version"), one.get("date")) for one in releases] == [
        ("1.2.0", "2026-11-26"),
        ("1.1.0", "2026-10-02"),
        ("1.0.0", "2026-09-01"),
    ]
    assert [point.text for point in releases[0].iter("li")] == [
        "New. Something new & better, told in two lines."
    ]
    assert (releases[0].findtext("url") or "").endswith("/releases/tag/v1.2.0")


def test_a_release_without_words_has_some() -> None:
    silent = (Release("1.0.0", TODAY),)
    assert "<p>Small improvements.</p>" in as_appstream(silent)
    assert "  * Small improvements.\n" in as_debian(silent, "aiproxy-desktop")


def test_debians_changelog_has_its_form() -> None:
    told = as_debian(of_changelog(CHANGELOG, "1.2.0", TODAY), "aiproxy-desktop", "0.9")
    entries = told.split("\n\naiproxy-desktop")
    assert len(entries) == 3
    # A test of upgrades builds it under another version.
    assert told.startswith("aiproxy-desktop (0.9) stable; urgency=medium\n\n  * New. Something")
    assert entries[1].startswith(" (1.1.0) stable; urgency=medium\n\n")
    assert (
        entries[1].endswith("  Fri, 02 Oct 2026 00:00:00 +0000\n")
        or "02 Oct 2026 00:00:00 +0000" in entries[1]
    )
    assert all(len(line) <= 80 for line in told.splitlines() if line.startswith("  "))


def test_this_trees_own_can_be_told() -> None:
    told = release_notes.releases()
    assert told[0].version == VERSION
    assert told[0].paragraphs or told[0].points
