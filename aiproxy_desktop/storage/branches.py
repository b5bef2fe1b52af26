"""Branches of a conversation: deleted and brought back, copied out, and answered side by side.

Plain functions of a connection, called inside a transaction. However deep a conversation is, each is a few
statements: nothing here calls itself.
"""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import count
from typing import TYPE_CHECKING

from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.database import encode_text
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import Conversation, DeletedBranch, StoredMessage

if TYPE_CHECKING:
    import sqlite3

# A message and everything below it that is still there.
_BELOW = """
    WITH RECURSIVE below (id) AS (
        SELECT id FROM messages WHERE id = ?
        UNION ALL
        SELECT child.id FROM below JOIN messages child ON child.parent_id = below.id
        WHERE child.deleted_at IS NULL
    )
"""

_NUMBER = re.compile(r" \(\d{1,4}\)$")

_COPIED = (
    "role, text, reasoning, model, error_title, error_advice, error_detail, finish_reason, input_tokens,"
    " output_tokens, created_at, first_token_at, finished_at, notes, parts, cost, cached_tokens,"
    " reasoning_tokens, thought_until"
)
_COPIED_ATTACHMENT = "position, hash, name, kind, mime, size, width, height, seconds, pages, tokens"


def delete_branch(connection: sqlite3.Connection, message_id: str, at: int) -> DeletedBranch:
    """Take a message and all below it out; the conversation moves to the nearest version, or above.

    Raises:
        MissingConversationError: it is not there.
    """
    one = tables.message(connection, message_id)
    if _is_deleted(connection, message_id):
        raise MissingConversationError("That message is deleted already", "Bring it back with Undo.")
    former = tables.conversation(connection, one.conversation_id).leaf_id
    stamp = _own_stamp(connection, one.conversation_id, at)
    near = _nearest_version(connection, message_id)
    connection.execute(
        f"{_BELOW} UPDATE messages SET deleted_at = ? WHERE id IN below AND deleted_at IS NULL",
        [message_id, stamp],
    )
    if former is None or not _is_deleted(connection, former):
        return DeletedBranch(one.conversation_id, message_id, stamp, None)
    leaf = one.parent_id if near is None else tables.newest_end(connection, near)
    tables.set_leaf(connection, one.conversation_id, leaf)
    return DeletedBranch(one.conversation_id, message_id, stamp, former)


def restore_branch(connection: sqlite3.Connection, branch: DeletedBranch) -> Conversation:
    """Undo `delete_branch`: everything that went with it is back, and the conversation where it stood.

    Below a message that was deleted after it, it stays out and comes back with that one.
    """
    row = connection.execute(
        "SELECT parent.deleted_at FROM messages m JOIN messages parent ON parent.id = m.parent_id"
        " WHERE m.id = ?",
        [branch.message_id],
    ).fetchone()
    stamp = None if row is None else row[0]
    connection.execute(
        "UPDATE messages SET deleted_at = ? WHERE conversation_id = ? AND deleted_at = ?",
        [stamp, branch.conversation_id, branch.stamp],
    )
    if branch.leaf_id is not None and not _is_deleted(connection, branch.leaf_id):
        tables.set_leaf(connection, branch.conversation_id, branch.leaf_id)
    return tables.conversation(connection, branch.conversation_id)


def purge_branch(connection: sqlite3.Connection, branch: DeletedBranch) -> None:
    """Remove for good what was deleted and not brought back, and what had been deleted below it before."""
    values = [branch.message_id, branch.conversation_id, branch.stamp]
    connection.execute(
        """
        WITH RECURSIVE below (id) AS (
            SELECT id FROM messages WHERE id = ? AND conversation_id = ? AND deleted_at = ?
            UNION ALL
            SELECT child.id FROM below JOIN messages child ON child.parent_id = below.id
        )
        DELETE FROM messages WHERE id IN below
        """,
        values,
    )


def numbered_title(connection: sqlite3.Connection, title: str) -> str:
    """`Talk (2)` for `Talk`, and `Talk (3)` where there is a second one already."""
    base = _NUMBER.sub("", title) or title
    begins = f"{base} ("
    rows = connection.execute(
        "SELECT title FROM conversations WHERE substr(title, 1, ?) = CAST(? AS TEXT)",
        [len(begins), encode_text(begins)],
    )
    taken = {row[0] for row in rows}
    return f"{base} ({next(n for n in count(2) if f'{base} ({n})' not in taken)})"


def copy_branch(
    connection: sqlite3.Connection, message_id: str, target: Conversation, new_ids: Iterable[str]
) -> Conversation:
    """Copy the path down to a message into a new conversation.

    Args:
        connection: in a transaction.
        message_id: the last message of the path.
        target: the conversation to make; its title and the like are set already.
        new_ids: where the copies' ids come from.
    """
    tables.insert_conversation(connection, target)
    path = _path(connection, message_id)
    fresh = dict(zip(path, new_ids, strict=False))
    parent: str | None = None
    for old in path:
        connection.execute(
            f"INSERT INTO messages (id, conversation_id, parent_id, status, {_COPIED})"
            " SELECT ?, ?, ?, CASE status WHEN 'streaming' THEN 'interrupted' ELSE status END,"
            f" {_COPIED} FROM messages WHERE id = ?",
            [fresh[old], target.id, parent, old],
        )
        parent = fresh[old]
    connection.executemany(
        f"INSERT INTO attachments (message_id, {_COPIED_ATTACHMENT})"
        f" SELECT ?, {_COPIED_ATTACHMENT} FROM attachments WHERE message_id = ?",
        [(new, old) for old, new in fresh.items()],
    )
    _fill_streaming(connection, path, fresh)
    tables.set_leaf(connection, target.id, parent)
    return tables.conversation(connection, target.id)


def set_comparison(connection: sqlite3.Connection, conversation_id: str, ends: Sequence[str]) -> None:
    """The end of each column, while models are compared; empty when they are not any more."""
    connection.execute(
        "UPDATE conversations SET comparison = ? WHERE id = ?", [" ".join(ends), conversation_id]
    )


def change_column(
    connection: sqlite3.Connection, conversation_id: str, former: str | None, end: str | None
) -> tuple[str, ...]:
    """Another end in place of a column's former one; None adds a column, or takes it away.

    Returns:
        the ends of all columns as they are now.
    """
    ends = list(tables.conversation(connection, conversation_id).comparison)
    new = [] if end is None else [end]
    if former is None:
        ends += new
    elif former in ends:
        place = ends.index(former)
        ends[place : place + 1] = new
    set_comparison(connection, conversation_id, ends)
    return tuple(ends)


def columns(
    connection: sqlite3.Connection, ends: Sequence[str]
) -> tuple[StoredMessage | None, tuple[tuple[StoredMessage, ...], ...]]:
    """What models that are compared were asked first, and below it what each column holds.

    Ends that are not there any more have no column. Only what belongs to the comparison is read, however
    long the conversation before it is.
    """
    paths = [_path(connection, end) for end in ends if not _is_deleted(connection, end)]
    if not paths:
        return None, ()
    shared = _shared_length(paths)
    asked = tables.message(connection, paths[0][shared - 1]) if shared else None
    if asked is not None and asked.role != "user":
        asked = None
    return asked, tuple(
        tuple(tables.message(connection, message_id) for message_id in path[shared:]) for path in paths
    )


def _shared_length(paths: Sequence[Sequence[str]]) -> int:
    """How many messages all paths begin with; the last one of a path is always its own."""
    most = min(len(path) for path in paths) - 1
    for place in range(most):
        if any(path[place] != paths[0][place] for path in paths):
            return place
    return most


def referenced_hashes(connection: sqlite3.Connection, *, living: bool = False) -> frozenset[str]:
    """The hashes of all attachments that a message or a draft still has.

    Args:
        connection: to read from.
        living: leave out those of what is deleted, or of an import under way: of a database that is opened
            anew nothing of that is left.
    """
    statement = "SELECT DISTINCT hash FROM attachments"
    if living:
        statement += """
            WHERE message_id IN (
                SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
                WHERE m.deleted_at IS NULL AND c.deleted_at IS NULL
            )
        """
    kept = {row[0] for row in connection.execute(statement)}
    for (text,) in connection.execute("SELECT attachments FROM drafts WHERE attachments <> ''"):
        kept |= _hashes_in(text)
    return frozenset(kept)


def _path(connection: sqlite3.Connection, message_id: str) -> list[str]:
    rows = connection.execute(
        """
        WITH RECURSIVE path (id, depth) AS (
            SELECT ?, 0
            UNION ALL
            SELECT m.parent_id, depth + 1 FROM path JOIN messages m ON m.id = path.id
            WHERE m.parent_id IS NOT NULL
        )
        SELECT id FROM path ORDER BY depth DESC
        """,
        [message_id],
    )
    return [row[0] for row in rows]


def _fill_streaming(connection: sqlite3.Connection, path: Sequence[str], fresh: dict[str, str]) -> None:
    # Only the last message of a path can still be arriving.
    one = tables.message(connection, path[-1])
    if one.status == "streaming":
        connection.execute(
            "UPDATE messages SET text = CAST(? AS TEXT), reasoning = CAST(? AS TEXT) WHERE id = ?",
            [encode_text(one.text), encode_text(one.reasoning), fresh[one.id]],
        )


def _own_stamp(connection: sqlite3.Connection, conversation_id: str, at: int) -> int:
    """A time that no other deletion in this conversation has."""
    latest = connection.execute(
        "SELECT max(deleted_at) FROM messages WHERE conversation_id = ? AND deleted_at IS NOT NULL",
        [conversation_id],
    ).fetchone()[0]
    return at if latest is None else max(at, int(latest) + 1)


def _nearest_version(connection: sqlite3.Connection, message_id: str) -> str | None:
    """The version before this message, else the one after it."""
    ids = [one.id for one in tables.siblings(connection, message_id)]
    place = ids.index(message_id)
    near = ids[place - 1 : place] if place else ids[1:2]
    return near[0] if near else None


def _is_deleted(connection: sqlite3.Connection, message_id: str) -> bool:
    row = connection.execute("SELECT deleted_at FROM messages WHERE id = ?", [message_id]).fetchone()
    return row is None or row[0] is not None


def _hashes_in(text: str) -> set[str]:
    """What looks like a hash in the JSON of a draft; one too many only keeps a file longer."""
    import re

    return set(re.findall(r"\b[0-9a-f]{64}\b", text))
