"""What is shipped is known and may be: licences weighed, their texts, the list for About, the page."""

from __future__ import annotations

import json
from importlib.metadata import distribution
from pathlib import Path

import pytest
from shipping import macos
from shipping.licensing import inventory, known, licence_texts, licences, packages, policy, third_party
from shipping.licensing.components import Component, Text, UnknownComponentError

from tests.source import REPOSITORY

QT = Component(
    "Qt and PySide6",
    "6.11.3",
    "LGPL-3.0-only OR GPL-2.0-only",
    "package",
    copyright=("Copyright (C) The Qt Company Ltd.",),
    files=("_internal/PySide6/Qt/lib/libQt6Core.so.6",),
)
PART = Component(
    "PCRE2", "", "BSD-3-Clause", "part", within=QT.name, copyright=("Copyright (c) 1997 Cambridge",)
)
CRATE = Component(
    "memchr", "2.8.3", "Unlicense OR MIT", "part", within=QT.name, purl="pkg:cargo/memchr@2.8.3"
)


@pytest.mark.parametrize(
    ("expression", "used"),
    [
        ("MIT", ("MIT",)),
        ("GPL-2.0-only OR LGPL-3.0-only", ("LGPL-3.0-only",)),
        ("BSD-3-Clause OR Apache-2.0", ("Apache-2.0",)),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", ("Apache-2.0", "Unicode-3.0")),
        ("GPL-2.0-or-later WITH Bootloader-exception", ("GPL-2.0-or-later WITH Bootloader-exception",)),
    ],
)
def test_of_several_licences_the_least_demanding_is_taken(expression: str, used: tuple[str, ...]) -> None:
    assert policy.used("x", expression) == used


@pytest.mark.parametrize(
    "expression",
    ["GPL-3.0-or-later", "MIT AND GPL-2.0-only", "AGPL-3.0-only", "Sleepycat", "Proprietary", "a (b", ""],
)
def test_what_may_not_be_shipped_stops_the_build_by_its_name(expression: str) -> None:
    with pytest.raises(UnknownComponentError, match=r"^readline "):
        policy.used("readline", expression)


def test_every_known_part_may_be_shipped_and_has_a_text_or_a_sentence() -> None:
    bare = []
    for part in known.parts():
        if part.facts.name == "libimagequant":  # named so that it is refused
            continue
        used = policy.used(part.facts.name, part.facts.licence)
        if part.carrier_has_text or part.within == "project":
            continue
        component = Component(part.facts.name, "", part.facts.licence, "part")
        text = licence_texts.together("Parts", [(component, used)])
        free = {"LicenseRef-public-domain", "blessing"}.issuperset(used)
        if not part.facts.copyright or not ("-----" in text or part.facts.words or free):
            bare.append(part.facts.name)
    assert not bare


def test_every_known_crate_and_library_may_be_shipped_unless_it_stands_there_to_be_refused() -> None:
    licences_of = {name: facts.licence for name, facts in known.system().items()} | known.crates()
    refused = set()
    for name, licence in licences_of.items():
        try:
            policy.used(name, licence)
        except UnknownComponentError:
            refused.add(name)
    assert refused == {"db5.3", "readline"}


def test_every_locked_package_has_a_licence_that_may_be_shipped_and_its_words() -> None:
    bare = []
    for name in third_party.locked():
        facts = known.packages().get(name, known.Facts())
        if name == "pywin32-ctypes":  # of another system
            assert policy.used(name, facts.licence)
            continue
        component = packages.component(distribution(name), ())
        assert policy.used(name, component.licence)
        if not (component.texts or component.copyright):
            bare.append(name)
    assert not bare


def test_the_page_on_others_names_every_locked_package_and_its_version() -> None:
    rows = (REPOSITORY / "THIRD_PARTY.md").read_text(encoding="utf-8").lower().splitlines()
    absent = [
        f"{name} {'/'.join(versions)}"
        for name, versions in third_party.locked().items()
        if not any(_names(row, name) and any(f" {version} |" in row for version in versions) for row in rows)
    ]
    assert not absent, "freeze, then: PYTHONPATH=.ci .venv-package/bin/python -m shipping third_party"


def _names(row: str, name: str) -> bool:
    label = row.partition("|")[2].partition("|")[0]
    words = label.replace("[", " ").replace("]", " ").replace("_", "-").replace(".", "-").split()
    return name in words


def test_the_page_has_a_row_for_each_component_with_what_it_carries() -> None:
    page = third_party.page((QT, PART, CRATE))
    (row,) = (row for row in page.splitlines() if row.startswith("| Qt and PySide6"))
    licence, notes = row.split(" | ")[1:]
    assert licence == QT.licence
    assert notes == "carries PCRE2 (BSD-3-Clause), 1 crate of Rust's |"


def test_the_list_for_about_gives_each_component_a_text(tmp_path: Path) -> None:
    (tmp_path / "own").write_bytes("Ma licence à moi\r\nadieu".encode("latin-1"))
    own = Component("own", "1.0", "MIT", "package", texts=(Text("LICENSE", tmp_path / "own"),))
    folder = tmp_path / "licences"
    licences.write((own, QT, PART, CRATE), folder)
    rows = json.loads((folder / "components.json").read_text(encoding="utf-8"))
    assert [row["name"] for row in rows] == [
        "Qt and PySide6",  # what most is made with stands first
        "own",
        "PCRE2, in Qt and PySide6",
        "Crates in Qt and PySide6",
    ]
    assert (folder / "LICENSE.txt").read_text() == (REPOSITORY / "LICENSE").read_text()
    texts = {row["name"]: (folder / row["text"]).read_text(encoding="utf-8") for row in rows}
    assert "Ma licence à moi\nadieu" in texts["own"]
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in texts["Qt and PySide6"]
    assert "GNU GENERAL PUBLIC LICENSE" in texts["Qt and PySide6"]
    assert "put your own build" in texts["Qt and PySide6"].lower()
    assert "Copyright (c) 1997 Cambridge" in texts["PCRE2, in Qt and PySide6"]
    assert "Redistribution and use" in texts["PCRE2, in Qt and PySide6"]
    assert "free and unencumbered" in texts["Crates in Qt and PySide6"]
    assert {row["used_under"] for row in rows} == {"MIT", "LGPL-3.0-only", "BSD-3-Clause", "Unlicense"}


def test_the_notice_on_qt_names_the_libraries_the_source_and_the_way_back(tmp_path: Path) -> None:
    system = Component(
        "libx", "1", "LGPL-2.1-or-later", "library", purl="pkg:deb/debian/libx1@1", files=("libx.so",)
    )
    licences.write((system, QT), tmp_path / "licences")
    notice = (tmp_path / "licences" / "QT.txt").read_text(encoding="utf-8")
    for words in (
        "libQt6Core.so.6",
        "_internal/PySide6/Qt/lib",
        "6.11.3",
        "make package",
        "libx 1",
        "pkg:deb/",
    ):
        assert words in notice
    assert "@" not in notice.replace("@1", "")
    assert max(map(len, notice.splitlines())) <= 85  # as wide as the pane in About


@pytest.mark.parametrize(("within", "goes"), [(QT.name, True), ("pillow", False)])
def test_only_with_qt_may_something_under_the_lgpl_lie_inside_a_file_of_others(
    tmp_path: Path, within: str, goes: bool
) -> None:
    inner = Component("menus", "", "LGPL-2.1-or-later", "part", within=within)
    carrier = Component("pillow", "13", "MIT", "package")
    components = sorted((QT, inner, carrier), key=lambda component: component.key)
    if goes:
        licences.write(components, tmp_path)
        assert "There are none." in (tmp_path / "QT.txt").read_text(encoding="utf-8")
    else:
        with pytest.raises(UnknownComponentError, match=r"^menus "):
            licences.write(components, tmp_path)


def test_what_a_licence_asks_to_be_said_is_said(tmp_path: Path) -> None:
    codec = Component("jpeg", "3", "IJG AND BSD-3-Clause", "library", files=("libjpeg.so",))
    licences.write((codec, QT), tmp_path)
    said = (tmp_path / "NOTICES.txt").read_text(encoding="utf-8")
    assert "based in part on the work of the Independent JPEG Group" in said
    assert "FreeType" not in said


def test_what_was_there_before_is_gone(tmp_path: Path) -> None:
    (tmp_path / "licences" / "texts").mkdir(parents=True)
    (tmp_path / "licences" / "texts" / "old.txt").write_text("old")
    licences.write((QT,), tmp_path / "licences")
    assert [path.name for path in (tmp_path / "licences" / "texts").iterdir()] == ["qt-and-pyside6.txt"]


def test_two_components_of_one_name_are_told_apart(tmp_path: Path) -> None:
    other = Component("qt and pyside6", "1", "MIT", "package")
    with pytest.raises(UnknownComponentError, match="Two components are called"):
        licences.write((QT, other), tmp_path / "licences")


def test_an_unknown_text_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(licence_texts, "KNOWN_TEXTS", tmp_path)
    with pytest.raises(UnknownComponentError, match="PCRE2 has no text of BSD-3-Clause"):
        licence_texts.together("Parts", [(PART, ("BSD-3-Clause",))])


def test_on_a_mac_the_licences_lie_in_the_application_where_programs_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "A.app"
    (app / "Contents" / "Frameworks").mkdir(parents=True)
    monkeypatch.setattr(licences, "FOLDER", tmp_path / "_internal" / "licences")
    monkeypatch.setattr(macos, "BUNDLE", app)
    monkeypatch.setattr(inventory, "read", lambda: (QT,))
    for _ in range(2):  # also where they lie already
        licences.make()
        assert (app / "Contents" / "Frameworks" / "licences" / "QT.txt").read_text()
        assert (app / "Contents" / "Resources" / "licences" / "components.json").is_file()
