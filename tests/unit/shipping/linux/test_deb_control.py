"""What the packages say of themselves, as far as it can be seen without building them."""

from __future__ import annotations

import json
from email import message_from_string
from pathlib import Path

import pytest
from shipping.layout import project
from shipping.linux import deb_control
from shipping.linux.deb_control import FULL, SLIM, Package


def _fields(package: Package) -> dict[str, str]:
    told = deb_control.control(package, "1.2.3", ["libc6 (>= 2.36)", "zlib1g"], 1000)
    return dict(message_from_string(told).items())


@pytest.mark.parametrize(("package", "other"), [(FULL, SLIM), (SLIM, FULL)])
def test_either_takes_the_others_place(package: Package, other: Package) -> None:
    told = _fields(package)
    assert told["Package"] == package.name
    assert told["Version"] == "1.2.3"
    assert told["Depends"] == "libc6 (>= 2.36), zlib1g"
    assert told["Conflicts"] == told["Replaces"] == other.name


def test_what_needs_the_full_one_takes_the_slim_one() -> None:
    assert _fields(SLIM)["Provides"] == "aiproxy-desktop (= 1.2.3)"
    assert "Provides" not in _fields(FULL)


def test_the_synopsis_is_a_short_line_that_begins_small() -> None:
    # Debian's policy, 3.4.1: no capital, no article, no full stop, below 80 letters.
    for package in (FULL, SLIM):
        assert len(package.synopsis) < 80
        assert package.synopsis[0].islower()
        assert not package.synopsis.endswith(".")


def test_the_description_is_wrapped() -> None:
    lines = deb_control.control(FULL, "1.2.3", [], 1).partition("\nDescription: ")[2].splitlines()[1:]
    assert all(line.startswith(" ") and len(line) <= 80 for line in lines)
    assert " ." in lines


def test_rights_name_each_part_and_where_its_words_are(tmp_path: Path) -> None:
    folder = tmp_path / "_internal" / "licences"
    folder.mkdir(parents=True)
    rows = [
        {"name": "a part", "version": "1.0", "licence": "MIT OR Apache-2.0", "text": "texts/a-part.txt"},
        {"name": "data", "licence": "CC0-1.0", "text": "texts/data.txt"},
    ]
    (folder / "components.json").write_text(json.dumps(rows))
    told = deb_control.rights(tmp_path)
    assert "Copyright 2026 AI Proxy Desktop contributors" in told
    assert "without restriction, including without limitation the rights" in told
    place = f"/usr/lib/{project.COMMAND}/_internal/licences/texts"
    assert f"\na part 1.0\n  Licence: MIT OR Apache-2.0\n  Text:    {place}/a-part.txt\n" in told
    assert f"\ndata\n  Licence: CC0-1.0\n  Text:    {place}/data.txt\n" in told
