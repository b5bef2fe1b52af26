"""The schema, step by step. A step, once released, is never changed; the next one is added.

Every step has a test that starts from a database kept in tests/ as the step before left it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

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


def _written_by(connection: sqlite3.Connection) -> None:
    # One row: the version of the application that used the file last, for one that cannot use it any more.
    connection.execute("CREATE TABLE written_by (version TEXT NOT NULL)")


MIGRATIONS: Sequence[Migration] = (
    Migration(1, _conversations_and_messages),
    Migration(2, _notes),
    Migration(3, _chat),
    Migration(4, _downloads),
    Migration(5, _images),
    Migration(6, _written_by),
)
