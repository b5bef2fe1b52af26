"""Whose the files of a bundle are, what is inside them, and the list of it for machines."""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packageurl import PackageURL
from shipping.layout import TOP
from shipping.licensing import inventory, packages, sbom
from shipping.licensing.carried import carried
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.origins import Origin, Origins, installed, system_package
from shipping.licensing.runtime import system_library
from shipping.licensing.tocs import Piece, pieces


def test_a_file_belongs_to_the_package_that_recorded_it(tmp_path: Path) -> None:
    import httpx
    import PySide6

    stdlib = Path(sysconfig.get_path("stdlib"))
    stranger = tmp_path / "stranger.so"
    stranger.write_bytes(b"")
    qt = Path(PySide6.__path__[0]) / "Qt" / "lib" / "libQt6Core.so.6"
    owners = {
        Path(str(httpx.__file__)): Origin("package", "httpx"),
        qt: Origin("package", "pyside6-essentials"),
        stdlib / "json" / "__init__.py": Origin("python"),
        TOP / "aiproxy_desktop" / "cli.py": Origin("project"),
        Path("/usr/lib/python3.11/LICENSE.txt"): Origin("python"),
        Path("/usr/lib/x86_64-linux-gnu/libz.so.1"): Origin("system", "zlib1g"),
        stranger: Origin("nobody"),
        Path(sys.prefix) / "lib" / "unrecorded.so": Origin("nobody"),
    }
    # The system's own are not the same everywhere.
    here = {file: origin for file, origin in owners.items() if file.exists() or origin.whose == "nobody"}
    assert Origins(installed()).of(here) == here


def test_what_belongs_to_nobody_stops_the_build_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "stranger.so").write_bytes(b"")
    with pytest.raises(UnknownComponentError, match=r"_internal/stranger\.so is from .*no known"):
        inventory.from_pieces([Piece("_internal/stranger.so", tmp_path / "stranger.so")], tmp_path, {})


def test_components_are_found_from_files_and_modules() -> None:
    import httpx
    import keyring

    found = inventory.from_pieces(
        [
            Piece("httpx", Path(str(httpx.__file__)), inside=True),
            Piece("keyring", Path(str(keyring.__file__)), inside=True),
            Piece("json", Path(str(json.__file__)), inside=True),
        ],
        TOP,
        installed(),
    )
    found = tuple(component for component in found if not component.within)
    assert [component.name for component in found] == ["httpx", "keyring", "Python"]
    assert [component.licence for component in found] == ["BSD-3-Clause", "MIT", "Python-2.0.1"]
    assert all(component.texts for component in found)
    assert found[0].purl == f"pkg:pypi/httpx@{distribution('httpx').version}"


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("httpx-aiohttp", "BSD-3-Clause"),  # our own word, since its field holds a line of the text
        ("keyring", "MIT"),  # the newest field
        ("websockets", "BSD-3-Clause"),
        ("certifi", "MPL-2.0"),  # the old field
        ("pyside6-essentials", "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only"),
    ],
)
def test_the_licence_that_a_package_declares(name: str, licence: str) -> None:
    assert packages.component(distribution(name), ()).licence == licence


def wheel(tree: Path, **files: bytes) -> Component:
    for name, content in files.items():
        (tree / name).write_bytes(content)
    return Component("a wheel", "1", "MIT", "package", files=tuple(files))


def test_crates_are_read_from_compiled_files(tmp_path: Path) -> None:
    lines = b"\0/registry/src/index-0123/memchr-2.7.5/src/lib.rs\0/rust/deps/gimli-0.34.0/src/a.rs"
    carrier = wheel(tmp_path, **{"engine.abi3.so": b"\x7fELF" + lines})
    found = list(carried(carrier, "a-wheel", tmp_path))
    assert [(part.name, part.version, part.within) for part in found] == [
        ("Rust's standard library", "", "a wheel"),
        ("gimli", "0.34.0", "a wheel"),
        ("memchr", "2.7.5", "a wheel"),
    ]
    assert found[2].purl == "pkg:cargo/memchr@2.7.5"


def test_an_unknown_crate_or_library_stops_the_build_by_its_name(tmp_path: Path) -> None:
    crate = wheel(tmp_path, **{"a.abi3.so": b"/rust/deps/unheard-of-1.0.0/src/lib.rs"})
    with pytest.raises(UnknownComponentError, match=r"a wheel holds the crate unheard-of 1\.0\.0"):
        list(carried(crate, "a-wheel", tmp_path))
    library = wheel(tmp_path, **{"libunheard.so.3": b"\x7fELF"})
    with pytest.raises(UnknownComponentError, match=r"a wheel brings libunheard\.so\.3 along"):
        list(carried(library, "a-wheel", tmp_path))


def test_a_part_counts_where_its_file_is_with_the_version_that_stands_there(tmp_path: Path) -> None:
    content = {"libQt6Gui.so.6": b"..libpng version 1.6.59\0..", "libicuuc.so.73": b""}
    parts = {part.name: part for part in carried(wheel(tmp_path, **content), "pyside6-essentials", tmp_path)}
    assert parts["libpng"].version == "1.6.59"
    assert parts["libpng"].files == ()
    assert parts["ICU"].version == "73"
    assert parts["ICU"].files == ("libicuuc.so.73",)
    assert "PCRE2" not in parts  # without QtCore
    assert "FreeType" not in parts  # the system's, on Linux


@pytest.mark.parametrize(("content", "count"), [(b"..liq_image_create..", 1), (b"....", 0)])
def test_what_is_linked_into_a_file_is_known_by_a_word_in_it(
    tmp_path: Path, content: bytes, count: int
) -> None:
    parts = carried(wheel(tmp_path, **{"_imaging.cpython-311-x.so": content}), "pillow", tmp_path)
    assert [part.name for part in parts].count("libimagequant") == count


def test_a_wheel_may_list_its_parts_itself(tmp_path: Path) -> None:
    carrier = packages.component(distribution("pydantic-core"), ())
    found = {
        part.name: part for part in carried(carrier, "pydantic-core", tmp_path, distribution("pydantic-core"))
    }
    assert found["jiter"].licence == "MIT"
    assert found["jiter"].copyright == ("Copyright (c) Samuel Colvin",)


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="only Debian and its like have dpkg")
def test_a_library_of_the_systems_is_named_as_lists_of_mended_faults_have_it() -> None:
    found = system_package("zlib1g")
    component = system_library("zlib1g", ("libz.so.1",))
    assert component.version == found.version
    purl = PackageURL.from_string(component.purl)
    assert (purl.type, purl.name, purl.version) == ("deb", "zlib1g", found.whole)
    assert found.whole != found.version  # the packaging's own stands behind it
    assert str(purl.qualifiers["distro"]).partition("-")[0] == purl.namespace


def test_a_tree_holds_nothing_that_its_makers_lists_do_not_know(tmp_path: Path) -> None:
    tree, work = tmp_path / "tree", tmp_path / "work" / "x"
    (tree / "_internal" / "licences").mkdir(parents=True)
    work.mkdir(parents=True)
    (tree / "_internal" / "a.so").write_bytes(b"")
    (tree / "_internal" / "b.so").symlink_to("a.so")
    (tree / "_internal" / "licences" / "NOTICES.txt").write_text("made after the freezing")
    entries = [("a.so", "/source/a.so", "BINARY"), ("b.so", "a.so", "SYMLINK")]
    (work / "COLLECT-00.toc").write_text(repr((entries,)))
    assert pieces(tree, tmp_path / "work") == (Piece("_internal/a.so", Path("/source/a.so")),)
    (tree / "_internal" / "c.so").write_bytes(b"")
    with pytest.raises(UnknownComponentError, match=r"_internal/c\.so lies in the frozen tree"):
        pieces(tree, tmp_path / "work")


def test_the_list_for_machines_is_valid_and_always_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    (tmp_path / "a.so").write_bytes(b"a")
    carrier = Component("A", "1", "MIT OR Apache-2.0", "package", purl="pkg:pypi/a@1", files=("a.so",))
    part = Component("b", "", "LicenseRef-public-domain", "part", within="A", copyright=("nobody",))
    model = Component("c", "2", "Apache-2.0", "model", url="https://example.org/c")
    written = sbom.text((carrier, part, model), tmp_path)
    sbom.check(written)
    assert sbom.text((carrier, part, model), tmp_path) == written
    listed = json.loads(written)
    assert listed["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"
    by_name = {row["name"]: row for row in listed["components"]}
    (file,) = by_name["A"]["components"]
    assert file["hashes"][0]["content"].startswith("ca978112ca1bbdca")
    assert by_name["c"]["type"] == "machine-learning-model"
    below = {row["ref"]: row.get("dependsOn") for row in listed["dependencies"]}
    assert below["A@1"] == ["A/b@"]
    (tmp_path / "a.so").write_bytes(b"another")
    assert json.loads(sbom.text((carrier, part, model), tmp_path))["serialNumber"] != listed["serialNumber"]


def test_a_list_that_breaks_the_schema_is_not_written() -> None:
    with pytest.raises(sbom.InvalidListError, match="no valid CycloneDX"):
        sbom.check('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [{"name": "x"}]}')


def test_on_windows_and_macos_a_library_may_be_known_by_its_name_alone(tmp_path: Path) -> None:
    names = ("_internal/libportaudio.2.dylib", "_internal/MSVCP140.dll")
    for name in names:
        (tmp_path / Path(name).name).write_bytes(b"MZ")
    found = inventory.from_pieces([Piece(name, tmp_path / Path(name).name) for name in names], tmp_path, {})
    assert {(one.name, one.licence, one.files) for one in found} == {
        ("PortAudio", "MIT", names[:1]),
        ("Microsoft Visual C++ runtime", "LicenseRef-Microsoft-runtime", names[1:]),
    }


def test_the_lists_of_windows_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "tree" / "_internal" / "PySide6").mkdir(parents=True)
    (tmp_path / "tree" / "_internal" / "PySide6" / "Qt6Core.dll").write_bytes(b"MZ")
    (tmp_path / "x").mkdir()
    entries = [("PySide6\\Qt6Core.dll", "C:\\Qt6Core.dll", "BINARY")]
    (tmp_path / "x" / "COLLECT-00.toc").write_text(repr((entries,)))
    (piece,) = pieces(tmp_path / "tree", tmp_path)
    assert piece.name == "_internal/PySide6/Qt6Core.dll"
