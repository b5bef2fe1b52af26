"""The schema, step by step. A step, once released, is never changed; the next one is added.

Every step has a test that starts from a database kept in tests/ as the step before left it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from aiproxy_desktop.storage.errors import DamagedDatabaseError, NewerDatabaseError

if TYPE_CHECKING:
    import sqlite3

Step: TypeAlias = "Callable[[sqlite3.Connection], None]"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step: `apply` takes the schema from `version - 1` to `version`, inside a transaction."""

    version: int
    apply: Step


def _conversations_and_messages(connection: sqlite3.Connection) -> None:
    # A parent is not ON DELETE CASCADE: SQLite stops cascades 1,000 deep, conversations go deeper.
    for statement in (
        """
        CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            model TEXT,
            leaf_id TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            deleted_at INTEGER
        )
        """,
        """
        CREATE INDEX conversations_by_update ON conversations (updated_at DESC, id DESC)
            WHERE deleted_at IS NULL
        """,
        """
        CREATE TABLE messages (
            id TEXT PRIMARY KEY,
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            parent_id TEXT REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
            role TEXT NOT NULL,
            text TEXT NOT NULL,
            reasoning TEXT NOT NULL DEFAULT '',
            model TEXT,
            status TEXT NOT NULL,
            error_title TEXT NOT NULL DEFAULT '',
            error_advice TEXT NOT NULL DEFAULT '',
            error_detail TEXT NOT NULL DEFAULT '',
            finish_reason TEXT,
            input_tokens INTEGER,
            output_tokens INTEGER,
            created_at INTEGER NOT NULL,
            first_token_at INTEGER,
            finished_at INTEGER
        )
        """,
        "CREATE INDEX messages_by_parent ON messages (parent_id, conversation_id)",
        "CREATE INDEX messages_by_conversation ON messages (conversation_id)",
        "CREATE INDEX messages_streaming ON messages (status) WHERE status = 'streaming'",
        """
        CREATE TABLE journal (
            message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            text TEXT NOT NULL,
            reasoning TEXT NOT NULL,
            PRIMARY KEY (message_id, position)
        ) WITHOUT ROWID
        """,
    ):
        connection.execute(statement)


def _notes(connection: sqlite3.Connection) -> None:
    # Sentences about an answer, one a line.
    connection.execute("ALTER TABLE messages ADD COLUMN notes TEXT NOT NULL DEFAULT ''")


def _chat(connection: sqlite3.Connection) -> None:
    for table, column in (
        ("conversations", "pinned_at INTEGER"),
        ("conversations", "archived_at INTEGER"),
        ("conversations", "folder_id TEXT REFERENCES folders (id) ON DELETE SET NULL"),
        ("conversations", "titled_by TEXT NOT NULL DEFAULT 'prompt'"),
        ("conversations", "options TEXT NOT NULL DEFAULT ''"),  # JSON, see chat_options
        ("conversations", "comparison TEXT NOT NULL DEFAULT ''"),  # message ids, by spaces
        ("messages", "parts TEXT NOT NULL DEFAULT ''"),  # JSON, see parts
        ("messages", "cost REAL"),  # US dollars
        ("messages", "cached_tokens INTEGER"),
        ("messages", "reasoning_tokens INTEGER"),
        ("messages", "thought_until INTEGER"),
        ("messages", "deleted_at INTEGER"),
    ):
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    for statement in (
        "CREATE TABLE folders (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL)",
        """
        CREATE TABLE attachments (
            message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            hash TEXT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL,
            mime TEXT NOT NULL,
            size INTEGER NOT NULL,
            width INTEGER,
            height INTEGER,
            seconds REAL,
            pages INTEGER,
            tokens INTEGER,
            PRIMARY KEY (message_id, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX attachments_by_hash ON attachments (hash)",
        # `place` is a conversation's id, or empty for one that is not begun. Attachments as JSON.
        """
        CREATE TABLE drafts (
            place TEXT PRIMARY KEY,
            text TEXT NOT NULL,
            attachments TEXT NOT NULL DEFAULT '',
            updated_at INTEGER NOT NULL
        ) WITHOUT ROWID
        """,
        """
        CREATE TABLE prompts (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, updated_at INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE personas (
            id TEXT PRIMARY KEY, name TEXT NOT NULL, options TEXT NOT NULL, updated_at INTEGER NOT NULL
        )
        """,
        "DROP INDEX conversations_by_update",
        """
        CREATE INDEX conversations_by_update ON conversations (updated_at DESC, id DESC)
            WHERE deleted_at IS NULL AND archived_at IS NULL
        """,
        """
        CREATE INDEX conversations_archived ON conversations (updated_at DESC, id DESC)
            WHERE deleted_at IS NULL AND archived_at IS NOT NULL
        """,
        "CREATE INDEX conversations_pinned ON conversations (pinned_at) WHERE pinned_at IS NOT NULL",
        "CREATE INDEX conversations_by_folder ON conversations (folder_id) WHERE folder_id IS NOT NULL",
        "CREATE INDEX messages_deleted ON messages (deleted_at) WHERE deleted_at IS NOT NULL",
        # The index holds no text of its own; what it says of a message is kept in step by the triggers.
        """
        CREATE VIRTUAL TABLE message_index USING fts5 (
            text, content='messages', prefix='2 3', tokenize="unicode61 remove_diacritics 2"
        )
        """,
        """
        CREATE TRIGGER message_written AFTER INSERT ON messages WHEN new.text <> '' BEGIN
            INSERT INTO message_index (rowid, text) VALUES (new.rowid, new.text);
        END
        """,
        """
        CREATE TRIGGER message_rewritten AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
            INSERT INTO message_index (message_index, rowid, text) SELECT 'delete', old.rowid, old.text
                WHERE old.text <> '';
            INSERT INTO message_index (rowid, text) SELECT new.rowid, new.text WHERE new.text <> '';
        END
        """,
        """
        CREATE TRIGGER message_removed AFTER DELETE ON messages WHEN old.text <> '' BEGIN
            INSERT INTO message_index (message_index, rowid, text) VALUES ('delete', old.rowid, old.text);
        END
        """,
        "INSERT INTO message_index (rowid, text) SELECT rowid, text FROM messages WHERE text <> ''",
    ):
        connection.execute(statement)


def _downloads(connection: sqlite3.Connection) -> None:
    # What is under way or waits for the person; one that has ended well leaves the table. See `downloads`.
    connection.execute(
        """
        CREATE TABLE downloads (
            id TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            provider TEXT NOT NULL DEFAULT '',
            name TEXT NOT NULL,
            url TEXT NOT NULL DEFAULT '',
            sha256 TEXT NOT NULL DEFAULT '',
            path TEXT NOT NULL DEFAULT '',
            etag TEXT NOT NULL DEFAULT '',
            completed INTEGER NOT NULL DEFAULT 0,
            total INTEGER,
            state TEXT NOT NULL,
            error_title TEXT NOT NULL DEFAULT '',
            error_advice TEXT NOT NULL DEFAULT '',
            created_at INTEGER NOT NULL
        )
        """
    )


def _images(connection: sqlite3.Connection) -> None:
    for statement in (
        """
        CREATE TABLE images (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            hash TEXT NOT NULL,
            mask_hash TEXT NOT NULL DEFAULT '',
            size INTEGER NOT NULL,
            family TEXT NOT NULL,
            origin TEXT NOT NULL,
            mime TEXT NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            name TEXT NOT NULL DEFAULT '',
            prompt TEXT NOT NULL DEFAULT '',
            model TEXT NOT NULL DEFAULT '',
            parameters TEXT NOT NULL DEFAULT '',
            cost REAL,
            input_tokens INTEGER,
            output_tokens INTEGER,
            run TEXT NOT NULL DEFAULT '',
            asked_with TEXT NOT NULL DEFAULT '',
            conversation_id TEXT NOT NULL DEFAULT '',
            message_id TEXT NOT NULL DEFAULT '',
            tags TEXT NOT NULL DEFAULT '',
            favourite INTEGER NOT NULL DEFAULT 0,
            created_at INTEGER NOT NULL,
            deleted_at INTEGER
        )
        """,
        "CREATE INDEX images_by_time ON images (created_at DESC, number DESC) WHERE deleted_at IS NULL",
        "CREATE INDEX images_by_family ON images (family, created_at)",
        "CREATE INDEX images_by_hash ON images (hash)",
        "CREATE INDEX images_deleted ON images (deleted_at) WHERE deleted_at IS NOT NULL",
        # A parent is not a foreign key: it stays named when it is gone.
        """
        CREATE TABLE image_parents (
            image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            parent_id TEXT NOT NULL,
            role TEXT NOT NULL,
            PRIMARY KEY (image_id, position)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX image_children ON image_parents (parent_id)",
        # What the column `tags` holds one a line, for counting and filtering.
        """
        CREATE TABLE image_tags (
            tag TEXT NOT NULL,
            image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
            PRIMARY KEY (tag, image_id)
        ) WITHOUT ROWID
        """,
        "CREATE INDEX image_tags_by_image ON image_tags (image_id)",
        # As for messages: no text of its own, kept in step by the triggers.
        """
        CREATE VIRTUAL TABLE image_index USING fts5 (
            name, prompt, model, tags, content='images', content_rowid='number', prefix='2 3',
            tokenize="unicode61 remove_diacritics 2"
        )
        """,
        """
        CREATE TRIGGER image_written AFTER INSERT ON images BEGIN
            INSERT INTO image_index (rowid, name, prompt, model, tags)
                VALUES (new.number, new.name, new.prompt, new.model, new.tags);
        END
        """,
        """
        CREATE TRIGGER image_rewritten AFTER UPDATE OF name, prompt, model, tags ON images BEGIN
            INSERT INTO image_index (image_index, rowid, name, prompt, model, tags)
                VALUES ('delete', old.number, old.name, old.prompt, old.model, old.tags);
            INSERT INTO image_index (rowid, name, prompt, model, tags)
                VALUES (new.number, new.name, new.prompt, new.model, new.tags);
        END
        """,
        """
        CREATE TRIGGER image_removed AFTER DELETE ON images BEGIN
            INSERT INTO image_index (image_index, rowid, name, prompt, model, tags)
                VALUES ('delete', old.number, old.name, old.prompt, old.model, old.tags);
        END
        """,
    ):
        connection.execute(statement)


MIGRATIONS: Sequence[Migration] = (
    Migration(1, _conversations_and_messages),
    Migration(2, _notes),
    Migration(3, _chat),
    Migration(4, _downloads),
    Migration(5, _images),
)


def check(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Refuse, before anything is written, a file that is not this version's to use.

    Raises:
        NewerDatabaseError: the schema is newer than the last step.
        DamagedDatabaseError: it is the database of another program.
    """
    # One statement, so that another process that is just making the file is seen before or after.
    version, tables = connection.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version > migrations[-1].version:
        raise NewerDatabaseError(
            f"The history in {path} was written by a newer version of AI Proxy Desktop",
            "Install that version again, or choose another folder with --data-dir. Nothing was changed.",
        )
    if version == 0 and tables:
        raise DamagedDatabaseError(
            f"{path} is the database of another program",
            "Move it aside, or choose another folder with --data-dir. Nothing was changed.",
        )


def migrate(connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration]) -> None:
    """Bring the schema up to date, all steps or none, after making a copy of what was there.

    Args:
        connection: open, in autocommit, in WAL mode.
        path: its file; the copy stands beside it as `<name>.v<version>.backup`.
        migrations: all steps, in order, numbered from 1.

    Raises:
        sqlite3.Error, OSError: the database refused; it is as it was.
    """
    if _version(connection) == migrations[-1].version:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have taken the steps while this one waited for its turn.
        version = _version(connection)
        due = [migration for migration in migrations if migration.version > version]
        if due and version > 0:
            back_up(path, path.with_name(f"{path.name}.v{version}.backup"))
        for migration in due:
            migration.apply(connection)
            connection.execute(f"PRAGMA user_version = {migration.version:d}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def back_up(path: Path, target: Path) -> None:
    """Copy a database as last committed; an older copy is replaced only by a whole new one.

    Raises:
        sqlite3.Error, OSError: the copy could not be made.
    """
    import sqlite3

    unfinished = target.with_name(target.name + ".part")
    unfinished.unlink(missing_ok=True)
    try:
        # Made before SQLite sees it: a copy is nobody else's to read either.
        unfinished.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.replace(target)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
