"""The archive for every Linux: unpacked, carried along, installed without root, removed."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

import pytest
from shipping.layout import VERSION
from shipping.linux import tarball

from tests.packaged.clean_root import HOME
from tests.packaged.conftest import Installation
from tests.packaged.desk import showing
from tests.packaged.pictures import drawn_in
from tests.packaged.room import Room

_FOLDER = tarball.target().name.removesuffix(".tar.gz")


@pytest.fixture
def unpacked(libraries: Installation) -> Iterator[Room]:
    """A desktop's libraries, and the archive unpacked at home."""
    if not tarball.target().exists():
        raise FileNotFoundError(f"{tarball.target()} is not there: `make package` builds it")
    with Room.over(*libraries.layers) as room:
        room.let_in(tarball.target(), "/srv/archive.tar.gz")
        room.person("tar", "-xzf", "/srv/archive.tar.gz").well()
        yield room


def test_it_is_carried_along_with_its_data(unpacked: Room) -> None:
    place = f"{HOME}/{_FOLDER}"
    unpacked.person("mkdir", f"{place}/data").well()
    with showing(unpacked):
        unpacked.person(f"{place}/aiproxy-desktop", "--smoke", "/tmp/carried.png").well()
    drawn_in(unpacked.inside("/tmp/carried.png"), "carried")
    assert (unpacked.inside(place) / "data/conversations.db").exists()
    assert [name for name in unpacked.left_at_home() if not name.startswith(_FOLDER)] == []


def test_installed_and_removed_without_root(unpacked: Room) -> None:
    unpacked.person(f"./{_FOLDER}/install.sh").well()
    unpacked.person("rm", "-r", _FOLDER).well()
    command = f"{HOME}/.local/bin/aiproxy-desktop"
    assert unpacked.person(command, "--version").well().said == f"aiproxy-desktop {VERSION}\n"
    entry = unpacked.inside(f"{HOME}/.local/share/applications/aiproxy-desktop.desktop").read_text()
    assert f"{HOME}/.local/lib/aiproxy-desktop/aiproxy-desktop" in entry
    with showing(unpacked):
        answered = unpacked.person(command, "--smoke", "/tmp/installed.png").well()
    assert answered.said.startswith("answer: ")
    removed = unpacked.person(f"{HOME}/.local/lib/aiproxy-desktop/uninstall.sh").well()
    assert "still where they were" in removed.said
    left = unpacked.left_at_home()
    assert ".local/share/aiproxy-desktop/conversations.db" in left
    assert all(
        name.startswith((".local/share/aiproxy-desktop/", ".local/state/aiproxy-desktop/")) for name in left
    )


def test_the_archive_holds_nothing_of_this_machine() -> None:
    with tarfile.open(tarball.target()) as archive:
        assert {(entry.uid, entry.gid, entry.uname) for entry in archive} == {(0, 0, "")}
