"""One installation from the first day to the last: installed, used, upgraded, used, removed, purged."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from aiproxy_desktop.storage.migrations import MIGRATIONS
from tests.databases import FOLDER
from tests.packaged.clean_root import HOME, PERSON
from tests.packaged.conftest import Figures, Installation, put
from tests.packaged.debs import built, previous, version_of
from tests.packaged.desk import showing
from tests.packaged.pictures import drawn_in
from tests.packaged.room import Room

_DATA = f"{HOME}/.local/share/aiproxy-desktop"
# What apt and dpkg themselves remember, and what a system's own tools make of whatever is installed.
_OF_THE_SYSTEM = ("var/lib/dpkg/", "var/lib/apt/", "var/log/", "var/cache/", "etc/ld.so.cache", "srv/")


def test_from_the_first_day_to_the_last(libraries: Installation, tmp_path: Path, figures: Figures) -> None:
    with Room.over(*libraries.layers) as room, showing(room):
        room.root("apt-get", "install", "-y", put(room, previous()))
        owned = set(room.root("dpkg", "-L", "aiproxy-desktop").said.replace("\n/", "\n").split("\n"))
        before = _files(room) - owned
        assert _version(room) == version_of(previous())
        _settle_in(room)
        asked = room.person("aiproxy-desktop", "ask", "Say hello.").well()
        assert asked.said.strip()

        # What an older release wrote is there when the new one comes.
        _put_data(room, FOLDER / "v1.db", "conversations.db")
        done = room.root("apt-get", "install", "-y", put(room, built()))
        assert "1 upgraded" in done.said
        assert _version(room) == version_of(built())
        figures.add("apt install over the version before", f"{done.seconds:.0f} s")
        smoke = room.person("aiproxy-desktop", "--smoke", "upgraded.png").well()
        assert smoke.said.startswith("answer: ")
        drawn_in(room.inside(f"{HOME}/upgraded.png"), "upgraded")
        _check_data(room, tmp_path)

        room.root("apt-get", "remove", "-y", "aiproxy-desktop")
        assert "rc" not in room.root("dpkg", "-l", "aiproxy-desktop", check=False).said.split()
        kept = room.left_at_home()
        # It has no files of configuration, so that apt knows it no more; dpkg is told all the same.
        room.root("dpkg", "--purge", "aiproxy-desktop")
        assert room.left_at_home() == kept
        assert _leftovers(room, before) == []
        assert all(_is_the_persons(name) for name in kept), kept
        figures.add("left after purge", f"{len(kept)} files, all of them the person's")


def _settle_in(room: Room) -> None:
    """Some settings, written as the application writes them."""
    settings = room.inside(_DATA) / "settings.json"
    room.person("aiproxy-desktop", "--smoke", "before.png").well()
    content = json.loads(settings.read_text())
    content["theme"] = "dark"
    settings.write_text(json.dumps(content))


def _put_data(room: Room, source: Path, name: str) -> None:
    folder = room.inside(_DATA)
    for beside in folder.glob(f"{name}*"):
        beside.unlink()
    shutil.copy(source, folder / name)
    room.root("chown", f"{PERSON}:{PERSON}", f"{_DATA}/{name}")


def _check_data(room: Room, folder: Path) -> None:
    """What was there is there, in today's form, and a copy of the form before lies beside it."""
    data = room.inside(_DATA)
    assert json.loads((data / "settings.json").read_text())["theme"] == "dark"
    assert (data / "conversations.db.v1.backup").exists()
    copy = folder / "conversations.db"
    shutil.copy(data / "conversations.db", copy)
    with closing(sqlite3.connect(copy)) as now, closing(sqlite3.connect(FOLDER / "v1.db")) as then:
        assert now.execute("PRAGMA user_version").fetchone()[0] == len(MIGRATIONS)
        titles = {row[0] for row in then.execute("SELECT title FROM conversations")}
        assert titles <= {row[0] for row in now.execute("SELECT title FROM conversations")}


def _version(room: Room) -> str:
    asked = room.root("dpkg-query", "--show", "--showformat=${Version}", "aiproxy-desktop")
    return asked.said


def _files(room: Room) -> set[str]:
    """All files of the room's own disk, but the person's."""
    found = room.root(
        "find", "/", "-xdev", "-not", "-type", "d", "-not", "-path", f"{HOME}/*", "-printf", "%P\n"
    )
    return {name for name in found.said.splitlines() if not name.startswith(_OF_THE_SYSTEM)}


def _leftovers(room: Room, before: set[str]) -> list[str]:
    """What the package left behind."""
    return sorted(_files(room) - before)


def _is_the_persons(name: str) -> bool:
    return name.endswith(".png") or "/aiproxy-desktop/" in name
