"""What stands between @MARKS@ is filled in, all of it and with the right words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from shipping import marks
from shipping.layout import INSTALLER_FILES, VERSION, project

# Facts that one template alone needs.
_OWN = dict.fromkeys(
    ("RUNTIME_VERSION", "BRANCH", "EPOCH", "TOP", "MIME_TYPES", "GGUF", "DATE", "PACKAGE"), "its own"
)
_FOLDERS = sorted(path.name for path in INSTALLER_FILES.iterdir())


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("1.2.3", (1, 2, 3, 0)), ("0.1", (0, 1, 0, 0)), ("2.0.0rc1", (2, 0, 0, 0)), ("1.2.3.4.5", (1, 2, 3, 4))],
)
def test_windows_counts_a_version_by_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert marks.numbers(version) == numbers


def test_facts_are_filled_in_as_xml_wants_them(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.write_text("@VERSION@ @WHO@", "utf-8")
    assert marks.filled(template, WHO="a & b") == f"{VERSION} a & b"
    assert marks.filled(template, xml=True, WHO="a & b") == f"{VERSION} a &amp; b"


def test_a_mark_that_nothing_is_known_for_is_refused(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.write_text("@NOBODY_KNOWS@", "utf-8")
    with pytest.raises(KeyError, match="NOBODY_KNOWS"):
        marks.filled(template)


def test_what_was_a_program_stays_one(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.write_text("#!/bin/sh\n", "utf-8")
    template.chmod(0o755)
    assert marks.write(template, tmp_path / "new" / "program").stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("folder", _FOLDERS)
def test_no_template_keeps_a_mark(folder: str) -> None:
    files = [path for path in (INSTALLER_FILES / folder).iterdir() if path.is_file()]
    assert files
    for path in files:
        assert not re.findall(r"@[A-Z_]+@", marks.filled(path, xml=False, **_OWN)), path.name


def test_apple_takes_the_bundles_identifier() -> None:
    told = marks.facts()["BUNDLE_ID"]
    assert re.fullmatch(r"[A-Za-z0-9.-]+", told)
    assert told.replace("-", "_") == project.APPLICATION_ID.replace("-", "_")


def test_the_identifier_on_windows_never_changes() -> None:
    # Installed versions are found by it: with another one, two would stand side by side.
    assert marks.facts()["WINDOWS_ID"] == "2D29C395-E293-5AAD-AF23-C21A00144324"
