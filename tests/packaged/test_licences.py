"""The licences of what was built: everything in it is known, its texts lie in it, and Qt can be exchanged."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from shipping.layout import FROZEN, TOP, project
from shipping.licensing import sbom

from aiproxy_desktop.services.components import licence_text, read_components
from tests.display import private_display
from tests.packaged.frozen import copied

FOLDER = FROZEN / "_internal" / "licences"
QT_LIBRARIES = "PySide6/Qt/lib"
# What a changed build of Qt brings along: it leaves a word where it is told to.
OWN = """
#include <stdio.h>
#include <stdlib.h>
__attribute__((constructor)) static void say(void) {
    const char *name = getenv("LOADED");
    FILE *file = name ? fopen(name, "w") : NULL;
    if (file) { fputs("here", file); fclose(file); }
}
"""


def shipping(program: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run some lines beside the packages that were frozen."""
    python = TOP / ".venv-package" / "bin" / "python"
    environment = {**os.environ, "PYTHONPATH": ".ci", **variables}
    return subprocess.run([python, "-c", program], cwd=TOP, env=environment, capture_output=True, text=True)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """The frozen application once more; its files are the same ones until they are exchanged."""
    tree = copied(tmp_path / "copy")
    yield tree
    shutil.rmtree(tree)


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the page is written with the oldest Python")
def test_the_page_on_others_names_everything_in_the_bundle() -> None:
    lines = (
        "from shipping.licensing import inventory, third_party; "
        "print(third_party.page(inventory.read()), end='')"
    )
    told = shipping(lines)
    assert told.returncode == 0, told.stderr
    written = (TOP / "THIRD_PARTY.md").read_text(encoding="utf-8")
    # Which libraries of the system come along follows the system.
    assert _of_packages(told.stdout) == _of_packages(written), (
        "run: PYTHONPATH=.ci .venv-package/bin/python -m shipping third_party"
    )


def _of_packages(page: str) -> list[str]:
    before, _, rest = page.partition("\n## Python\n")
    return [*before.splitlines(), *rest.partition("\n## What starts")[2].splitlines()]


def test_about_has_a_text_for_each_component() -> None:
    components = read_components(FOLDER)
    names = {component.name for component in components}
    assert {"Python", "pillow", "libavif, in pillow", "Inter", "xllamacpp", "Crates in cryptography"} <= names
    for component in components:
        assert component.licence, component
        assert len(licence_text(component, FOLDER)) > 100, component


def test_no_licence_in_the_bundle_asks_for_the_source_of_the_application() -> None:
    rows = json.loads((FOLDER / "components.json").read_text(encoding="utf-8"))
    used = {licence for row in rows for licence in row["used_under"].split(" AND ")}
    assert {licence for licence in used if licence.startswith(("GPL", "AGPL"))} <= {
        "GPL-3.0-or-later WITH GCC-exception-3.1",
        "GPL-2.0-or-later WITH Bootloader-exception",
    }


@pytest.mark.parametrize("stranger", ["_internal/libstranger.so.1", "_internal/stranger.txt"])
def test_a_file_that_nobody_knows_stops_the_build(copy: Path, stranger: str) -> None:
    (copy / stranger).write_bytes(b"whose?")
    told = shipping(
        "from pathlib import Path; from shipping.licensing import inventory; "
        f"inventory.read(Path({str(copy)!r}))"
    )
    assert told.returncode != 0
    assert f"UnknownComponentError: {stranger} " in told.stderr


def test_qt_can_be_exchanged_for_another_build(copy: Path, tmp_path: Path) -> None:
    libraries = copy / "_internal" / QT_LIBRARIES
    own = libraries / "libown.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-xc", "-", "-o", own], input=OWN, text=True, check=True)
    for library in libraries.glob("libQt6*.so.6"):
        changed = tmp_path / library.name
        shutil.copy(library, changed)
        subprocess.run(["patchelf", "--add-needed", own.name, changed], check=True)
        library.unlink()
        changed.rename(library)

    picture, loaded = tmp_path / "window.png", tmp_path / "loaded"
    with private_display() as display:
        told = subprocess.run(
            [copy / project.COMMAND, "--data-dir", tmp_path / "data", "--smoke", picture],
            env={**os.environ, "DISPLAY": display, "LOADED": str(loaded)},
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert told.returncode == 0, told.stderr
    assert picture.stat().st_size > 1000
    assert loaded.read_text() == "here"


def test_the_list_for_machines_is_the_same_each_time() -> None:
    lines = (
        "from shipping.layout import FROZEN; from shipping.licensing import inventory, sbom; "
        "read = inventory.read(); print(sbom.text(read, FROZEN), end='')"
    )
    # Which `make package` wrote in another process, and held against the schema.
    written = sbom.FILE.read_text(encoding="utf-8")
    listed = json.loads(written)
    moment = datetime.fromisoformat(listed["metadata"]["timestamp"])
    told = shipping(lines, SOURCE_DATE_EPOCH=str(int(moment.timestamp())))
    assert told.returncode == 0, told.stderr
    assert told.stdout == written
    assert listed["metadata"]["component"]["name"] == project.COMMAND
    purls = {component.get("purl", "").partition("@")[0] for component in listed["components"]}
    assert {"pkg:pypi/pyside6-essentials", "pkg:pypi/httpx", "pkg:generic/python"} <= purls
    hashes = {file["name"] for component in listed["components"] for file in component.get("components", ())}
    assert f"_internal/{QT_LIBRARIES}/libQt6Core.so.6" in hashes
