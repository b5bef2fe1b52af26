from __future__ import annotations

from datetime import date

import pytest
from shipping.errors import ChangelogError
from shipping.releasing import changelog
from shipping.releasing.changelog import Section
from shipping.releasing.versions import Version

from tests.source import REPOSITORY

TEXT = """# Changes

What changed for people.

## Unreleased

- A lamp.

## 0.2.0 - 2026-11-01

- A door.
  ## not a heading

## 0.1.0 - 2026-10-01

The first version.
"""
DAY = date(2026, 12, 24)


def test_the_one_of_the_tree_can_be_read() -> None:
    assert changelog.sections((REPOSITORY / changelog.FILE).read_text("utf-8"))[0].version is None


def test_sections_come_newest_first() -> None:
    assert changelog.sections(TEXT) == [
        Section(None, None, "- A lamp."),
        Section(Version(0, 2, 0), date(2026, 11, 1), "- A door.\n  ## not a heading"),
        Section(Version(0, 1, 0), date(2026, 10, 1), "The first version."),
    ]


def test_what_was_unreleased_becomes_a_version() -> None:
    text = changelog.released(TEXT, Version(0, 3, 0), DAY, "Light.\n\n### And `more`")
    after = changelog.sections(text)
    assert after[:2] == [
        Section(None, None, ""),
        Section(Version(0, 3, 0), DAY, "Light.\n\n### And `more`\n\n- A lamp."),
    ]
    assert after[2:] == changelog.sections(TEXT)[1:]
    assert text.startswith(TEXT[: TEXT.index("- A lamp.")])
    assert text.endswith(TEXT[TEXT.index("## 0.2.0") :])


def test_a_description_is_enough_and_so_is_a_list() -> None:
    bare = "# Changes\n\n## Unreleased\n"
    described = changelog.released(bare, Version(1, 0, 0), DAY, "All new.")
    assert described == "# Changes\n\n## Unreleased\n\n## 1.0.0 - 2026-12-24\n\nAll new.\n"
    listed = changelog.released(TEXT, Version(1, 0, 0), DAY, "")
    assert "## 1.0.0 - 2026-12-24\n\n- A lamp.\n\n## 0.2.0" in listed


def test_a_description_with_which_the_list_begins_is_not_said_twice() -> None:
    text = TEXT.replace("- A lamp.", "Light.\n\n- A lamp.")
    for notes, body in {"Light.": "Light.\n\n- A lamp.", "Light": "Light\n\nLight.\n\n- A lamp."}.items():
        released = changelog.released(text, Version(1, 0, 0), DAY, notes)
        assert changelog.sections(released)[1].text == body


@pytest.mark.parametrize(
    ("text", "notes", "said"),
    [
        ("# Changes\n", "New.", "should begin with one section ## Unreleased"),
        (TEXT.replace("## Unreleased", "## Next"), "New.", "A heading .*'Next'"),
        (TEXT.replace("2026-11-01", "2026-13-01"), "New.", r"'0\.2\.0 - 2026-13-01'"),
        (TEXT.replace("## 0.2.0 - 2026-11-01", "## 0.0.1 - 2026-11-01"), "New.", "should go down"),
        (TEXT.replace("0.2.0 - 2026-11-01", "Unreleased"), "New.", "one section ## Unreleased"),
        (TEXT.replace("- A lamp.", ""), " \n", "Nothing is said of 0.3.0"),
        (TEXT, "New.\n## 0.0.1 - 2020-01-01", "begins with ##"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(text: str, notes: str, said: str) -> None:
    with pytest.raises(ChangelogError, match=said):
        changelog.released(text, Version(0, 3, 0), DAY, notes)


def test_no_version_twice() -> None:
    with pytest.raises(ChangelogError, match=r"a section for 0\.1\.0 already"):
        changelog.released(TEXT, Version(0, 1, 0), DAY, "Again.")
