"""The statements behind `conversations`: plain functions of a connection, called inside a transaction."""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.chat_options import ChatOptions, options_from_json, options_to_json
from aiproxy_desktop.storage.database import encode_text
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.parts import parts_from_json, parts_to_json
from aiproxy_desktop.storage.records import Attachment, Conversation, Outcome, StoredMessage, Totals

if TYPE_CHECKING:
    import sqlite3

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

CONVERSATION = (
    "id, title, model, created_at, updated_at, leaf_id, pinned_at, archived_at, folder_id, titled_by,"
    " options, comparison"
)

_MESSAGE = """
    m.id, m.conversation_id, m.parent_id, m.role, m.text, m.reasoning, m.model, m.status,
    m.error_title, m.error_advice, m.error_detail, m.finish_reason, m.input_tokens, m.output_tokens,
    m.created_at, m.first_token_at, m.finished_at, m.notes,
    (SELECT count(*) FROM messages s
        WHERE s.conversation_id = m.conversation_id AND s.parent_id IS m.parent_id AND s.deleted_at IS NULL
        AND (s.created_at, s.rowid) < (m.created_at, m.rowid)),
    (SELECT count(*) FROM messages s
        WHERE s.conversation_id = m.conversation_id AND s.parent_id IS m.parent_id AND s.deleted_at IS NULL),
    m.cached_tokens, m.reasoning_tokens, m.parts, m.cost, m.thought_until,
    EXISTS (SELECT 1 FROM attachments a WHERE a.message_id = m.id)
"""

_ATTACHMENT = "hash, name, kind, mime, size, width, height, seconds, pages, tokens"


def micros(moment: datetime) -> int:
    """Microseconds since 1970, UTC: how a time is stored."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC, as it will come back from storage."""
    return moment.astimezone(UTC)


def moment(value: int) -> datetime:
    """The time that `micros` stored."""
    return _EPOCH + timedelta(microseconds=value)


def _known_moment(value: int | None) -> datetime | None:
    return None if value is None else moment(value)


def _stored_moment(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


# Conversations


def page(connection: sqlite3.Connection, limit: int, before: Conversation | None) -> tuple[Conversation, ...]:
    """One page of all conversations, the last used first."""
    sql = f"SELECT {CONVERSATION} FROM conversations WHERE deleted_at IS NULL"
    values: list[Any] = []
    if before is not None:
        sql += " AND (updated_at, id) < (?, ?)"
        values += [micros(before.updated_at), before.id]
    sql += " ORDER BY updated_at DESC, id DESC LIMIT ?"
    return tuple(conversation_of(row) for row in connection.execute(sql, [*values, limit]))


def conversation(connection: sqlite3.Connection, conversation_id: str) -> Conversation:
    """One conversation that is not deleted."""
    row = connection.execute(
        f"SELECT {CONVERSATION} FROM conversations WHERE id = ? AND deleted_at IS NULL", [conversation_id]
    ).fetchone()
    if row is None:
        raise _missing()
    return conversation_of(row)


def insert_conversation(connection: sqlite3.Connection, conversation: Conversation) -> None:
    """Write a new one."""
    connection.execute(
        f"INSERT INTO conversations ({CONVERSATION})"
        " VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            conversation.id,
            encode_text(conversation.title),
            conversation.model,
            micros(conversation.created_at),
            micros(conversation.updated_at),
            conversation.leaf_id,
            _stored_moment(conversation.pinned_at),
            _stored_moment(conversation.archived_at),
            conversation.folder_id,
            conversation.titled_by,
            options_to_json(conversation.options),
            " ".join(conversation.comparison),
        ],
    )


def set_title(connection: sqlite3.Connection, conversation_id: str, title: str) -> None:
    """Rename, as the person said: no model's title comes over it."""
    changed = connection.execute(
        "UPDATE conversations SET title = CAST(? AS TEXT), titled_by = 'person' WHERE id = ?",
        [encode_text(title), conversation_id],
    )
    if not changed.rowcount:
        raise _missing()


def set_options(connection: sqlite3.Connection, conversation_id: str, options: ChatOptions) -> None:
    """Answer this conversation so from now on."""
    changed = connection.execute(
        "UPDATE conversations SET options = ? WHERE id = ?", [options_to_json(options), conversation_id]
    )
    if changed.rowcount == 0:
        raise _missing()


def set_deleted(connection: sqlite3.Connection, conversation_id: str, at: int | None) -> None:
    """Hide, or show again with None."""
    changed = connection.execute(
        "UPDATE conversations SET deleted_at = ? WHERE id = ?", [at, conversation_id]
    )
    if not changed.rowcount:
        raise _missing()


def purge(connection: sqlite3.Connection, conversation_id: str | None) -> None:
    """Remove hidden conversations; messages and journal follow by their foreign keys."""
    if conversation_id is None:
        connection.execute("DELETE FROM conversations WHERE deleted_at IS NOT NULL")
    else:
        connection.execute(
            "DELETE FROM conversations WHERE deleted_at IS NOT NULL AND id = ?", [conversation_id]
        )
    # No foreign key: the draft of a conversation that is not begun has a place as well.
    connection.execute("DELETE FROM drafts WHERE place <> '' AND place NOT IN (SELECT id FROM conversations)")


def touch(connection: sqlite3.Connection, leaf: StoredMessage) -> None:
    """The conversation was used: this message is its end now."""
    connection.execute(
        "UPDATE conversations SET updated_at = max(updated_at, ?), leaf_id = ?, model = coalesce(?, model)"
        " WHERE id = ?",
        [micros(leaf.created_at), leaf.id, leaf.model, leaf.conversation_id],
    )


# Messages


def message(connection: sqlite3.Connection, message_id: str) -> StoredMessage:
    """One message."""
    row = connection.execute(f"SELECT {_MESSAGE} FROM messages m WHERE m.id = ?", [message_id]).fetchone()
    if row is None:
        raise _missing()
    return _message(connection, row)


def insert_message(connection: sqlite3.Connection, message: StoredMessage) -> None:
    """Write a new message.

    Raises:
        MissingConversationError: its parent is not in its conversation, or deleted.
    """
    if message.parent_id is not None:
        row = connection.execute(
            "SELECT conversation_id FROM messages WHERE id = ? AND deleted_at IS NULL", [message.parent_id]
        ).fetchone()
        if row is None or row[0] != message.conversation_id:
            raise _missing()
    connection.execute(
        "INSERT INTO messages (id, conversation_id, parent_id, role, text, model, status, created_at)"
        " VALUES (?, ?, ?, ?, CAST(? AS TEXT), ?, ?, ?)",
        [
            message.id,
            message.conversation_id,
            message.parent_id,
            message.role,
            encode_text(message.text),
            message.model,
            message.status,
            micros(message.created_at),
        ],
    )
    insert_attachments(connection, message.id, message.attachments)


def insert_attachments(
    connection: sqlite3.Connection, message_id: str, attachments: Sequence[Attachment]
) -> None:
    """Write what goes with a message that has nothing yet."""
    connection.executemany(
        f"INSERT INTO attachments (message_id, position, {_ATTACHMENT})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(message_id, position, *astuple(one)) for position, one in enumerate(attachments)],
    )


def attachments(connection: sqlite3.Connection, message_id: str) -> tuple[Attachment, ...]:
    """What goes with a message, in order."""
    rows = connection.execute(
        f"SELECT {_ATTACHMENT} FROM attachments WHERE message_id = ? ORDER BY position", [message_id]
    )
    return tuple(Attachment(*row) for row in rows)


def thread(
    connection: sqlite3.Connection, conversation_id: str, leaf_id: str | None
) -> tuple[StoredMessage, ...]:
    """From the root down to the leaf."""
    leaf = leaf_id or conversation(connection, conversation_id).leaf_id
    rows = connection.execute(
        f"""
        WITH RECURSIVE path (id, depth) AS (
            SELECT ?, 0
            UNION ALL
            SELECT parent.parent_id, depth + 1 FROM path JOIN messages parent ON parent.id = path.id
            WHERE parent.parent_id IS NOT NULL
        )
        SELECT {_MESSAGE} FROM path JOIN messages m ON m.id = path.id
        WHERE m.conversation_id = ? ORDER BY path.depth DESC
        """,
        [leaf, conversation_id],
    ).fetchall()
    return tuple(_message(connection, row) for row in rows)


def thread_page(
    connection: sqlite3.Connection, last_id: str | None, limit: int
) -> tuple[tuple[StoredMessage, ...], str | None]:
    """At most `limit` messages up to `last_id`, in order, and the id of the one before them."""
    rows = connection.execute(
        f"""
        WITH RECURSIVE path (id, depth) AS (
            SELECT ?, 0
            UNION ALL
            SELECT parent.parent_id, depth + 1 FROM path JOIN messages parent ON parent.id = path.id
            WHERE parent.parent_id IS NOT NULL
            LIMIT ?
        )
        SELECT {_MESSAGE} FROM path JOIN messages m ON m.id = path.id ORDER BY path.depth DESC
        """,
        [last_id, limit],
    ).fetchall()
    return tuple(_message(connection, row) for row in rows), rows[0][2] if rows else None


def is_on_branch(connection: sqlite3.Connection, message_id: str) -> bool:
    """Whether its conversation stands on the branch through this message."""
    found = connection.execute(
        """
        WITH RECURSIVE path (id) AS (
            SELECT c.leaf_id FROM messages m JOIN conversations c ON c.id = m.conversation_id WHERE m.id = ?
            UNION ALL
            SELECT parent.parent_id FROM path JOIN messages parent ON parent.id = path.id
            WHERE parent.parent_id IS NOT NULL
        )
        SELECT 1 FROM path WHERE id = ?
        """,
        [message_id, message_id],
    ).fetchone()
    return found is not None


def totals(connection: sqlite3.Connection, last_id: str | None) -> Totals:
    """What the answers up to this message used."""
    row = connection.execute(
        """
        WITH RECURSIVE path (id) AS (
            SELECT ?
            UNION ALL
            SELECT parent.parent_id FROM path JOIN messages parent ON parent.id = path.id
            WHERE parent.parent_id IS NOT NULL
        )
        SELECT count(*), coalesce(sum(m.input_tokens + m.output_tokens), 0),
            count(m.input_tokens + m.output_tokens), coalesce(sum(m.cost), 0.0), count(m.cost)
        FROM path JOIN messages m ON m.id = path.id
        WHERE m.role = 'assistant' AND m.status IN ('complete', 'interrupted')
        """,
        [last_id],
    ).fetchone()
    return Totals(*row)


def siblings(connection: sqlite3.Connection, message_id: str) -> tuple[StoredMessage, ...]:
    """All versions of a message, oldest first."""
    one = message(connection, message_id)
    rows = connection.execute(
        f"SELECT {_MESSAGE} FROM messages m WHERE m.conversation_id = ? AND m.parent_id IS ?"
        " AND m.deleted_at IS NULL ORDER BY m.created_at, m.rowid",
        [one.conversation_id, one.parent_id],
    ).fetchall()
    return tuple(_message(connection, row) for row in rows)


def select(connection: sqlite3.Connection, message_id: str) -> Conversation:
    """Move the conversation's leaf to the newest end below this message.

    Raises:
        MissingConversationError: the message is gone, or deleted.
    """
    one = message(connection, message_id)
    deleted = connection.execute("SELECT deleted_at FROM messages WHERE id = ?", [message_id]).fetchone()[0]
    if deleted is not None:
        raise _missing()
    set_leaf(connection, one.conversation_id, newest_end(connection, message_id))
    return conversation(connection, one.conversation_id)


def newest_end(connection: sqlite3.Connection, message_id: str) -> str:
    """The message at the end of the newest branch below this one, or itself."""
    end: str = connection.execute(
        """
        WITH RECURSIVE down (id, depth) AS (
            SELECT ?, 0
            UNION ALL
            SELECT (
                SELECT child.id FROM messages child
                WHERE child.parent_id = down.id AND child.deleted_at IS NULL
                ORDER BY child.created_at DESC, child.rowid DESC LIMIT 1
            ), depth + 1 FROM down WHERE down.id IS NOT NULL
        )
        SELECT id FROM down WHERE id IS NOT NULL ORDER BY depth DESC LIMIT 1
        """,
        [message_id],
    ).fetchone()[0]
    return end


def set_leaf(connection: sqlite3.Connection, conversation_id: str, leaf_id: str | None) -> None:
    """Where the conversation stands."""
    connection.execute("UPDATE conversations SET leaf_id = ? WHERE id = ?", [leaf_id, conversation_id])


# The journal: pieces of answers that still arrive


def append(connection: sqlite3.Connection, message_id: str, text: str, reasoning: str) -> None:
    """One more piece, if the message is still there and still streaming."""
    connection.execute(
        """
        INSERT INTO journal (message_id, position, text, reasoning)
        SELECT id, (SELECT coalesce(max(position), 0) + 1 FROM journal WHERE message_id = id),
            CAST(? AS TEXT), CAST(? AS TEXT)
        FROM messages WHERE id = ? AND status = 'streaming'
        """,
        [encode_text(text), encode_text(reasoning), message_id],
    )


def finish(
    connection: sqlite3.Connection, message_id: str, outcome: Outcome, tail: tuple[str, str], finished_at: int
) -> StoredMessage | None:
    """Fold the journal and the tail into the message, with its outcome."""
    text, reasoning = _journal(connection, message_id)
    usage = outcome.usage or Usage()
    changed = connection.execute(
        """
        UPDATE messages SET text = CAST(? AS TEXT), reasoning = CAST(? AS TEXT), status = ?,
            error_title = CAST(? AS TEXT), error_advice = CAST(? AS TEXT), error_detail = CAST(? AS TEXT),
            finish_reason = ?, input_tokens = ?, output_tokens = ?, cached_tokens = ?, reasoning_tokens = ?,
            first_token_at = ?, finished_at = ?, notes = CAST(? AS TEXT), parts = ?, cost = ?,
            thought_until = ?
        WHERE id = ? AND status = 'streaming'
        """,
        [
            encode_text(text + tail[0]),
            encode_text(reasoning + tail[1]),
            outcome.status,
            encode_text(outcome.error_title),
            encode_text(outcome.error_advice),
            encode_text(outcome.error_detail),
            outcome.finish_reason,
            usage.input_tokens,
            usage.output_tokens,
            usage.cached_tokens,
            usage.reasoning_tokens,
            _stored_moment(outcome.first_token_at),
            finished_at,
            encode_text("\n".join(" ".join(note.split()) for note in outcome.notes)),
            parts_to_json(outcome.parts),
            outcome.cost,
            _stored_moment(outcome.thought_until),
            message_id,
        ],
    )
    if not changed.rowcount:
        return None
    connection.execute("DELETE FROM journal WHERE message_id = ?", [message_id])
    insert_attachments(connection, message_id, outcome.attachments)
    return message(connection, message_id)


def recover(connection: sqlite3.Connection) -> int:
    """Everything still streaming ends here, as interrupted; the deleted is purged."""
    purge(connection, None)
    connection.execute("DELETE FROM messages WHERE deleted_at IS NOT NULL")
    rows = connection.execute("SELECT id, created_at FROM messages WHERE status = 'streaming'").fetchall()
    for message_id, created_at in rows:
        finish(connection, message_id, Outcome("interrupted"), ("", ""), created_at)
    return len(rows)


def _journal(connection: sqlite3.Connection, message_id: str) -> tuple[str, str]:
    pieces = connection.execute(
        "SELECT text, reasoning FROM journal WHERE message_id = ? ORDER BY position", [message_id]
    ).fetchall()
    return "".join(text for text, _ in pieces), "".join(reasoning for _, reasoning in pieces)


def conversation_of(row: tuple[Any, ...]) -> Conversation:
    """A row of the columns in CONVERSATION."""
    return Conversation(
        id=row[0],
        title=row[1],
        model=row[2],
        created_at=moment(row[3]),
        updated_at=moment(row[4]),
        leaf_id=row[5],
        pinned_at=_known_moment(row[6]),
        archived_at=_known_moment(row[7]),
        folder_id=row[8],
        titled_by=row[9],
        options=options_from_json(row[10]),
        comparison=tuple(row[11].split()),
    )


def _message(connection: sqlite3.Connection, row: tuple[Any, ...]) -> StoredMessage:
    text, reasoning = row[4], row[5]
    if row[7] == "streaming":
        text, reasoning = _journal(connection, row[0])
    counted = row[12] is not None or row[13] is not None
    return StoredMessage(
        id=row[0],
        conversation_id=row[1],
        parent_id=row[2],
        role=row[3],
        text=text,
        reasoning=reasoning,
        model=row[6],
        status=row[7],
        error_title=row[8],
        error_advice=row[9],
        error_detail=row[10],
        finish_reason=row[11],
        usage=Usage(row[12], row[13], row[20], row[21]) if counted else None,
        created_at=moment(row[14]),
        first_token_at=_known_moment(row[15]),
        finished_at=_known_moment(row[16]),
        notes=tuple(row[17].splitlines()),
        sibling_index=row[18],
        sibling_count=row[19],
        attachments=attachments(connection, row[0]) if row[25] else (),
        parts=parts_from_json(row[22]) if row[22] else (),
        cost=row[23],
        thought_until=_known_moment(row[24]),
    )


def _missing() -> MissingConversationError:
    return MissingConversationError("That conversation is no longer there", "Begin a new one.")
