"""The archive is packed the same way each time; its scripts install for one person, and take all back."""

from __future__ import annotations

import configparser
import hashlib
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from shipping import marks
from shipping.layout import VERSION
from shipping.linux import desktop_files, tarball

from tests.unit.shipping.tiny_frozen import tiny_frozen

SCRIPTS = ("install.sh", "uninstall.sh")


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with a home, and the archive unpacked beside it."""

    home: Path
    unpacked: Path

    def run(self, script: Path, *arguments: str, expect: int = 0) -> str:
        """What it says, on either stream."""
        environment = {"HOME": str(self.home), "PATH": os.environ["PATH"]}
        done = subprocess.run(
            [str(script), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            cwd=self.unpacked.parent,
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout + done.stderr

    def install(self, *arguments: str, expect: int = 0) -> str:
        return self.run(self.unpacked / "install.sh", *arguments, expect=expect)

    def files(self) -> list[str]:
        """All that is in the home, but for folders."""
        return sorted(str(path.relative_to(self.home)) for path in self.home.rglob("*") if not path.is_dir())

    @property
    def place(self) -> Path:
        return self.home / ".local" / "lib" / "aiproxy-desktop"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    unpacked = _unpacked(tmp_path / "down loads")
    home = tmp_path / "home of $one `100%`"
    home.mkdir()
    return Person(home, unpacked)


def _unpacked(folder: Path) -> Path:
    unpacked = tiny_frozen(folder)
    for name in SCRIPTS:
        marks.write(desktop_files.LINUX / name, unpacked / name)
    share = unpacked / "share"
    entry, kinds = desktop_files.LINUX / "aiproxy-desktop.desktop", desktop_files.LINUX / "mime.xml"
    marks.write(entry, share / desktop_files.ENTRY, MIME_TYPES="image/png;")
    marks.write(kinds, share / desktop_files.KINDS, xml=True, GGUF=desktop_files.GGUF)
    icon = share / "icons" / "hicolor" / "16x16" / "apps" / "aiproxy-desktop.png"
    icon.parent.mkdir(parents=True)
    icon.write_bytes(b"png")
    return unpacked


def test_two_archives_of_one_tree_are_equal(tmp_path: Path) -> None:
    frozen = _unpacked(tmp_path)
    sums = []
    for name in ("one", "two"):
        again = tmp_path / name / "top"
        shutil.copytree(frozen, again, symlinks=True)
        (again / "share").chmod(0o700 if name == "one" else 0o755)
        tarball.pack(again, tmp_path / f"{name}.tar.gz")
        sums.append(hashlib.sha256((tmp_path / f"{name}.tar.gz").read_bytes()).hexdigest())
    assert sums[0] == sums[1]
    with tarfile.open(tmp_path / "one.tar.gz") as tar:
        entries = {entry.name: entry for entry in tar}
    assert entries["top/aiproxy-desktop"].mode == entries["top/install.sh"].mode == 0o755
    assert entries["top/share/applications/aiproxy-desktop.desktop"].mode == 0o644
    assert entries["top/_internal/libone.so"].linkname == "lib/libone.so.1"
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries.values()} == {
        (0, 0, "", "")
    }


def test_it_is_installed_and_removed_without_a_trace(person: Person) -> None:
    said = person.install()
    assert f"AI Proxy Desktop {VERSION} is installed" in said
    command = person.home / ".local" / "bin" / "aiproxy-desktop"
    assert subprocess.run([command, "--version"], capture_output=True, text=True).stdout.endswith(
        "--version\n"
    )

    entry = configparser.RawConfigParser()
    entry.optionxform = str  # type: ignore[assignment, method-assign]  # letters as they stand
    entry.read(person.home / ".local" / "share" / desktop_files.ENTRY)
    program = str(person.place / "aiproxy-desktop")
    assert entry["Desktop Entry"]["TryExec"] == program
    # Within quotes $ and ` are escaped, and a backslash is two in any text of an entry; % begins a code.
    escaped = program.replace("%", "%%").replace("$", "\\\\$").replace("`", "\\\\`")
    assert entry["Desktop Entry"]["Exec"] == f'"{escaped}" open %F'

    data = person.home / ".local" / "share" / "aiproxy-desktop" / "conversations.db"
    data.parent.mkdir()
    data.write_text("words")
    said = person.run(person.place / "uninstall.sh")
    assert f"still where they were: {data.parent}" in said
    assert person.files() == [".local/share/aiproxy-desktop/conversations.db"]
    assert not person.place.parent.exists()
    assert [path.name for path in data.parent.parent.iterdir()] == ["aiproxy-desktop"]


def test_others_entries_stay(person: Person) -> None:
    share = person.home / ".local" / "share"
    for name in (
        "applications/other.desktop",
        "icons/hicolor/16x16/apps/other.png",
        "mime/packages/other.xml",
    ):
        (share / name).parent.mkdir(parents=True)
        (share / name).write_text(
            "<mime-info xmlns='http://www.freedesktop.org/standards/shared-mime-info'/>"
        )
    person.install()
    person.run(person.place / "uninstall.sh")
    kept = {name for name in person.files() if "other" in name}
    assert kept == {
        ".local/share/applications/other.desktop",
        ".local/share/icons/hicolor/16x16/apps/other.png",
        ".local/share/mime/packages/other.xml",
    }
    assert not [name for name in person.files() if "aiproxy" in name]


def test_an_upgrade_replaces_all_but_the_data_beside_it(person: Person) -> None:
    person.install()
    (person.place / "data").mkdir()
    (person.place / "data" / "conversations.db").write_text("words")
    (person.place / "_internal" / "old.so").write_text("old")
    stale = person.place / "share" / "icons" / "hicolor" / "20x20" / "apps" / "aiproxy-desktop.png"
    stale.parent.mkdir(parents=True)
    stale.write_text("old")
    shown = person.home / ".local" / "share" / "icons" / "hicolor" / "20x20" / "apps" / "aiproxy-desktop.png"
    shown.parent.mkdir(parents=True)
    shown.write_text("old")

    person.install()
    assert (person.place / "data" / "conversations.db").read_text() == "words"
    assert not (person.place / "_internal" / "old.so").exists()
    assert not shown.exists()
    assert sorted(path.name for path in person.place.parent.iterdir()) == ["aiproxy-desktop"]

    said = person.run(person.place / "uninstall.sh")
    assert str(person.place / "data") in said
    assert person.files() == [".local/lib/aiproxy-desktop/data/conversations.db"]


def test_data_of_an_installation_that_was_broken_off_is_found_again(person: Person) -> None:
    person.install()
    data = person.place.with_name("aiproxy-desktop.old") / "data"
    data.mkdir(parents=True)
    (data / "conversations.db").write_text("words")
    person.install()
    assert (person.place / "data" / "conversations.db").read_text() == "words"
    data.mkdir(parents=True)
    assert "holds your data" in person.install(expect=1)
    assert data.is_dir()


def test_what_was_kept_while_it_was_carried_along_stays_there(person: Person) -> None:
    (person.unpacked / "data").mkdir()
    assert f"What you kept in {person.unpacked}/data stays there." in person.install()
    assert not (person.place / "data").exists()


def test_a_program_that_runs_is_not_replaced(person: Person) -> None:
    sleep = shutil.which("sleep")
    assert sleep
    shutil.copy(os.path.realpath(sleep), person.unpacked / "aiproxy-desktop")
    person.install()
    running = subprocess.Popen([str(person.place / "aiproxy-desktop"), "600"])
    try:
        assert "is open: close it" in person.install(expect=1)
        assert "is open: close it" in person.run(person.place / "uninstall.sh", expect=1)
    finally:
        running.kill()
        running.wait()
    person.run(person.place / "uninstall.sh")


def test_another_folder_can_be_chosen(person: Person) -> None:
    person.install("--prefix", str(person.home / "apps" / "mine/"))
    place = person.home / "apps" / "mine" / "lib" / "aiproxy-desktop"
    assert (place.parent.parent / "bin" / "aiproxy-desktop").resolve() == place / "aiproxy-desktop"
    assert (person.home / ".local" / "share" / desktop_files.ENTRY).is_file()
    person.run(place / "uninstall.sh")
    assert person.files() == []


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (("--prefix",), 2, "--prefix needs a folder."),
        (("--root",), 2, "usage: ./install.sh [--prefix DIR]"),
        (
            ("--prefix", "/dev/null/x"),
            1,
            "/dev/null/x cannot be written to: choose another folder with --prefix.",
        ),
        (
            ("--prefix", "two\nlines"),
            1,
            "The folder's name has a line break in it: choose another with --prefix.",
        ),
    ],
)
def test_bad_arguments_get_one_sentence(
    person: Person, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    assert person.install(*arguments, expect=code) == f"{sentence}\n"
    assert person.files() == []


def test_half_an_archive_is_not_installed(person: Person) -> None:
    shutil.rmtree(person.unpacked / "_internal")
    assert "does not hold the whole archive: unpack it again" in person.install(expect=1)


def test_a_copy_that_fails_changes_nothing(person: Person) -> None:
    person.install()
    before = (person.place / "aiproxy-desktop").read_text()
    (person.unpacked / "aiproxy-desktop").write_text("#!/bin/sh\necho newer\n")
    # As a disk without room: cp says no.
    tools = person.unpacked.parent / "tools"
    tools.mkdir()
    (tools / "cp").write_text("#!/bin/sh\nexit 1\n")
    (tools / "cp").chmod(0o755)
    environment = {"HOME": str(person.home), "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run([person.unpacked / "install.sh"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "Nothing was changed" in done.stderr
    assert (person.place / "aiproxy-desktop").read_text() == before
    assert sorted(path.name for path in person.place.parent.iterdir()) == ["aiproxy-desktop"]
