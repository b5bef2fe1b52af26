from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from aiproxy_desktop import __version__
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.chat_options import NO_OPTIONS
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadStore
from aiproxy_desktop.storage.drafts import Draft, DraftStore
from aiproxy_desktop.storage.errors import DiskFullError, NewerDatabaseError, StorageError
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.images import ImageStore
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.migrations import MIGRATIONS, Migration
from aiproxy_desktop.storage.presets import PresetStore
from aiproxy_desktop.storage.search import SearchStore
from tests.databases import FOLDER
from tests.databases.make import DOWNLOADS, IMAGE, OPTIONS, PARTS, PICTURE

NEWEST = MIGRATIONS[-1].version
KEPT = range(1, NEWEST + 1)


def kept(version: int, tmp_path: Path) -> Path:
    return Path(shutil.copy(FOLDER / f"v{version}.db", tmp_path / "conversations.db"))


def add_note(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE conversations ADD COLUMN note TEXT NOT NULL DEFAULT 'none yet'")


def add_note_and_fail(connection: sqlite3.Connection) -> None:
    add_note(connection)
    raise sqlite3.OperationalError("the step failed")


def with_one_more(step: Migration) -> Sequence[Migration]:
    return (*MIGRATIONS, step)


def names(folder: Path) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


def columns(path: Path) -> list[str]:
    connection = sqlite3.connect(path)
    found = [row[1] for row in connection.execute("PRAGMA table_info(conversations)")]
    connection.close()
    return found


def test_steps_are_numbered_from_one_without_a_gap() -> None:
    assert [migration.version for migration in MIGRATIONS] == list(KEPT)


@pytest.mark.parametrize("version", KEPT)
async def test_every_older_database_comes_up_to_date_with_all_it_held(version: int, tmp_path: Path) -> None:
    path = kept(version, tmp_path)
    db = await Database.open(path)
    store = ConversationStore(db)
    assert await store.recover() == 1
    odd, tree = await store.page()

    assert (odd.title, tree.title) == ("Odd \U0001f332", "What is a tree?")
    question, cut = await store.thread(odd.id)
    assert question.text == "Odd \x00 \ud800 \U0001f332"
    assert (cut.status, cut.text) == ("interrupted", "This was still arriving")

    question, failed = await store.thread(tree.id)
    assert (failed.status, failed.error_title, failed.model) == (
        "failed",
        "Ollama cannot be reached",
        "ollama:llama3.2:3b",
    )
    assert (failed.sibling_index, failed.sibling_count) == (1, 2)
    whole = (await store.siblings(failed.id))[0]
    assert (whole.text, whole.reasoning, whole.status) == (
        "A graph without cycles.",
        "Let me think.",
        "complete",
    )
    assert whole.usage == (Usage(5, 4, 1, 2) if version >= 3 else Usage(5, 4))
    assert whole.finish_reason == "stop"
    assert whole.notes == (("It was asked twice.",) if version >= 2 else ())
    assert question.text == "What is a tree?"
    assert await db.read(lambda c: c.execute("PRAGMA integrity_check").fetchall()) == [("ok",)]
    assert await db.read(lambda c: c.execute("PRAGMA foreign_key_check").fetchall()) == []
    assert await db.read(lambda c: c.execute("PRAGMA user_version").fetchone()) == (NEWEST,)
    await db.close()


@pytest.mark.parametrize("version", KEPT)
async def test_every_older_database_keeps_what_a_chat_has(version: int, tmp_path: Path) -> None:
    db = await Database.open(kept(version, tmp_path))
    store, library, presets = ConversationStore(db), LibraryStore(db), PresetStore(db)
    tree = next(item for item in await store.page() if item.title == "What is a tree?")
    whole = (await store.siblings((await store.thread(tree.id))[-1].id))[0]
    has = version >= 3
    assert (tree.pinned_at is not None, tree.options) == (has, OPTIONS if has else NO_OPTIONS)
    assert [folder.name for folder in await library.folders()] == (["Trees"] if has else [])
    assert (whole.attachments, whole.parts, whole.cost) == (
        ((PICTURE,), PARTS, 0.25) if has else ((), (), None)
    )
    assert await DraftStore(db).read(tree.id) == (Draft("And a forest?", (PICTURE,)) if has else Draft())
    assert [one.text for one in await presets.prompts()] == (["Explain {{what}}."] if has else [])
    assert [one.options for one in await presets.personas()] == ([OPTIONS] if has else [])
    await db.close()


@pytest.mark.parametrize("version", KEPT)
async def test_every_older_database_keeps_its_downloads(version: int, tmp_path: Path) -> None:
    db = await Database.open(kept(version, tmp_path))
    store = DownloadStore(db)
    assert await store.all() == (DOWNLOADS if version >= 4 else ())
    await store.save(DOWNLOADS[:1])
    assert DOWNLOADS[0] in await store.all()
    await db.close()


@pytest.mark.parametrize("version", KEPT)
async def test_every_older_database_keeps_its_images(version: int, tmp_path: Path) -> None:
    db = await Database.open(kept(version, tmp_path))
    store = ImageStore(db)
    if version < 5:
        assert await store.search(GalleryQuery()) == ()
        first = await store.add(IMAGE, "1a" * 32, 2048)
        assert [row.id for row in await store.search(GalleryQuery("tre"))] == [first.id]
    else:
        (row,) = await store.search(GalleryQuery("nest for", tags=("Birds",), favourites=True))
        first, image = await store.family(row.id)
        assert (image.origin, image.base, image.mask_hash) == ("edited", first.id, "3c" * 32)
        assert image.tags == ("Forest", "Birds")
    assert (first.prompt, first.cost, first.parameters) == (IMAGE.prompt, IMAGE.cost, IMAGE.parameters)
    assert first.hash in await ConversationStore(db).referenced_hashes()
    await db.close()


@pytest.mark.parametrize("version", KEPT)
async def test_old_messages_are_found_by_their_words(version: int, tmp_path: Path) -> None:
    path = kept(version, tmp_path)
    await (await Database.open(path)).close()
    search = SearchStore(path)
    found = await search.find("cycl")
    await search.close()
    assert found is not None
    assert [hit.title for hit in found.messages] == ["What is a tree?"]


@pytest.mark.parametrize("version", KEPT)
async def test_a_migrated_schema_is_that_of_a_new_database(version: int, tmp_path: Path) -> None:
    def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
        return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    migrated = await Database.open(kept(version, tmp_path))
    fresh = await Database.open(tmp_path / "fresh.db")
    try:
        assert await migrated.read(schema) == await fresh.read(schema)
    finally:
        await migrated.close()
        await fresh.close()


async def test_a_copy_is_made_before_a_step_and_none_for_a_new_file(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    backup = tmp_path / f"conversations.db.v{NEWEST}.backup"
    db = await Database.open(path)
    await db.close()
    assert not backup.exists()

    db = await Database.open(path, with_one_more(Migration(NEWEST + 1, add_note)))
    await db.close()

    assert "note" in columns(path)
    assert "note" not in columns(backup)
    assert backup.stat().st_mode & 0o777 == 0o600
    restored = await Database.open(Path(shutil.copy(backup, tmp_path / "restored.db")))
    assert len(await ConversationStore(restored).page()) == 2
    await restored.close()


async def test_a_step_that_fails_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)

    with pytest.raises(StorageError, match="the step failed"):
        await Database.open(path, with_one_more(Migration(NEWEST + 1, add_note_and_fail)))

    assert "note" not in columns(path)
    db = await Database.open(path)
    assert len(await ConversationStore(db).page()) == 2
    await db.close()


async def test_no_step_is_taken_without_its_copy(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    # A folder in the copy's place: it cannot be replaced by a file.
    in_the_way = tmp_path / f"conversations.db.v{NEWEST}.backup"
    in_the_way.mkdir()
    (in_the_way / "file").touch()

    with pytest.raises(StorageError):
        await Database.open(path, with_one_more(Migration(NEWEST + 1, add_note)))

    assert "note" not in columns(path)
    assert not any(name.endswith(".part") for name in names(tmp_path))


async def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    newer = await Database.open(path, with_one_more(Migration(NEWEST + 1, add_note)))
    await newer.close()
    before = path.read_bytes()

    with pytest.raises(NewerDatabaseError, match="newer version") as told:
        await Database.open(path)

    assert "Nothing was changed" in told.value.advice
    assert path.read_bytes() == before
    assert names(tmp_path) == ["conversations.db", f"conversations.db.v{NEWEST}.backup"]


async def test_it_says_which_version_wrote_a_newer_one_and_where_the_copy_is(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)

    def later(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE written_by SET version = '7.1.0'")

    for number, step in ((1, later), (2, add_note)):
        steps = (*MIGRATIONS, *(Migration(NEWEST + one, later) for one in range(1, number)))
        db = await Database.open(path, (*steps, Migration(NEWEST + number, step)))
        await db.run(later)
        await db.close()

    with pytest.raises(
        NewerDatabaseError, match=rf"written by version 7\.1\.0 .*this is {__version__}"
    ) as told:
        await Database.open(path)

    assert f"is {path}.v{NEWEST}.backup." in told.value.advice
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE written_by SET version = ?", ("x" * 500,))
        other.commit()
    with pytest.raises(NewerDatabaseError, match="written by a newer version"):
        await Database.open(path)


async def test_the_file_says_which_version_uses_it(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    with closing(sqlite3.connect(path)) as other:
        other.execute("UPDATE written_by SET version = '0.0.1'")
        other.commit()
    db = await Database.open(path)
    assert await db.read(lambda c: c.execute("SELECT version FROM written_by").fetchall()) == [(__version__,)]
    await db.close()


async def test_only_the_newest_two_copies_stay(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    for version in (1, 3, NEWEST - 1):
        (tmp_path / f"conversations.db.v{version}.backup").touch()
    (tmp_path / "conversations.db.v.backup").touch()
    await (await Database.open(path, with_one_more(Migration(NEWEST + 1, add_note)))).close()
    copies = [f"conversations.db.v{version}.backup" for version in (NEWEST - 1, NEWEST)]
    assert names(tmp_path) == ["conversations.db", "conversations.db.v.backup", *copies]


async def test_a_full_disk_says_how_much_room_is_needed_and_a_second_try_works(tmp_path: Path) -> None:
    path = kept(3, tmp_path)
    limit = [30]

    def large(connection: sqlite3.Connection) -> None:
        # SQLite's own bound gives the very error that a full disk gives.
        connection.execute(f"PRAGMA max_page_count = {limit[0]:d}").fetchone()
        connection.execute("CREATE TABLE large (data)")
        connection.execute("INSERT INTO large VALUES (zeroblob(1000000))")

    with pytest.raises(DiskFullError, match="no room left") as told:
        await Database.open(path, with_one_more(Migration(NEWEST + 1, large)))
    assert "needs about 1 MB" in told.value.advice
    assert names(tmp_path) == ["conversations.db", "conversations.db.v3.backup"]
    limit[0] = 1_000_000
    db = await Database.open(path, with_one_more(Migration(NEWEST + 1, large)))
    assert len(await ConversationStore(db).page()) == 2
    await db.close()


async def test_processes_that_open_a_new_file_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "conversations.db"
    opened = await asyncio.gather(*(Database.open(path) for _ in range(8)))
    for number, db in enumerate(opened):
        await ConversationStore(db).create(f"number {number}")
    assert len(await ConversationStore(opened[0]).page()) == 8
    for db in opened:
        await db.close()


async def test_a_step_is_taken_once_however_many_open_the_file(tmp_path: Path) -> None:
    path = kept(NEWEST, tmp_path)
    steps = with_one_more(Migration(NEWEST + 1, add_note))
    for db in await asyncio.gather(*(Database.open(path, steps) for _ in range(4))):
        await db.close()
    assert columns(path).count("note") == 1
