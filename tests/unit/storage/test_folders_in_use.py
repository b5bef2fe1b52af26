from __future__ import annotations

import shutil
import tempfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest

from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import DiskFullError, ReadOnlyError, StorageError
from aiproxy_desktop.storage.folders_in_use import bring_history, folders_to_use
from aiproxy_desktop.storage.paths import AppPaths
from tests.databases import FOLDER

# The kernel's own file system lets nobody make a folder, not even root, as whom tests may run.
READ_ONLY = "/sys/aiproxy-desktop"


def kept(tmp_path: Path) -> AppPaths:
    paths = AppPaths.resolve(str(tmp_path / "kept"), {})
    paths.ensure()
    shutil.copy(FOLDER / "v3.db", paths.database_file)
    paths.settings_file.write_text('{"theme": "dark"}')
    return paths


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_folders_that_can_be_used_are_used(tmp_path: Path) -> None:
    wanted = AppPaths.resolve(str(tmp_path / "mine"), {})
    with folders_to_use(wanted) as paths:
        assert paths == wanted
        assert list((tmp_path / "mine").rglob("*.part")) == []
    assert paths.data.is_dir()


def test_where_nothing_can_be_written_the_run_has_folders_of_its_own() -> None:
    wanted = AppPaths.resolve(READ_ONLY, {})
    with pytest.raises(ReadOnlyError, match=f"{READ_ONLY} cannot be written to"):
        wanted.ensure()
    with folders_to_use(wanted) as paths:
        assert (paths.form, paths.instead_of) == ("temporary", wanted)
        assert paths.data.stat().st_mode & 0o777 == 0o700
        assert bring_history(paths) == ""
    assert not paths.data.exists()


def test_a_cache_that_cannot_be_written_moves_into_the_data_folder(tmp_path: Path) -> None:
    wanted = replace(AppPaths.resolve(str(tmp_path), {}), cache=Path(READ_ONLY), logs=Path(READ_ONLY))
    with folders_to_use(wanted) as paths:
        assert (paths.cache, paths.logs, paths.form) == (tmp_path / "cache", tmp_path / "logs", "chosen")


def test_a_folder_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(StorageError, match="file of that name"),
        folders_to_use(AppPaths.resolve(str(tmp_path / "file"), {})),
    ):
        pass


def test_a_folder_that_nobody_may_look_into_is_no_reason_not_to_start() -> None:
    # The system refuses to look into it, as it refuses it to everyone but root where permissions say so.
    with folders_to_use(AppPaths.resolve("/" + "x" * 300, {}), keeping=False) as paths:
        assert list(paths.data.glob("*.json")) == []
        assert "they cannot be read" in bring_history(paths)


def test_without_any_place_to_write_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/sys")
    with (
        pytest.raises(StorageError, match=f"Neither the folder {READ_ONLY} nor"),
        folders_to_use(AppPaths.resolve(READ_ONLY, {})),
    ):
        pass


async def test_a_copy_of_what_was_kept_is_there_and_that_stays_as_it_is(tmp_path: Path) -> None:
    wanted = kept(tmp_path)
    blob = BlobStore(wanted.attachments)
    digest = await blob.put(b"a tree")
    before = contents(wanted.data)
    with folders_to_use(wanted, keeping=False) as paths:
        assert paths.settings_file.read_text() == '{"theme": "dark"}'
        assert bring_history(paths) == ""
        assert paths.models == wanted.models
        database = await Database.open(paths.database_file)  # and brought up to date
        assert len(await ConversationStore(database).page()) == 2
        await database.close()
        blobs = BlobStore(paths.attachments, behind=wanted.attachments)
        assert await blobs.read(digest) == b"a tree"
        assert blobs.path(digest).is_relative_to(wanted.data)
        new = await blobs.put(b"a forest")
        assert await blobs.put(b"a tree") == digest
        assert await blobs.read(new) == b"a forest"
    assert contents(wanted.data) == before


def test_what_was_written_last_comes_along(tmp_path: Path) -> None:
    import sqlite3

    wanted = kept(tmp_path)
    with closing(sqlite3.connect(wanted.database_file, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        other.execute("CREATE TABLE in_the_log (it)")
        with folders_to_use(wanted, keeping=False) as paths:
            assert bring_history(paths) == ""
            with closing(sqlite3.connect(paths.database_file)) as copy:
                assert copy.execute("SELECT count(*) FROM in_the_log").fetchone() == (0,)


def test_a_history_there_is_no_room_for_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    wanted = kept(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(1000))
    with folders_to_use(wanted, keeping=False) as paths:
        assert "no room" in bring_history(paths)
        assert not paths.database_file.exists()


def test_a_full_disk_is_not_taken_for_one_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Path, **_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    with pytest.raises(DiskFullError), folders_to_use(AppPaths.resolve(str(tmp_path), {})):
        pass
