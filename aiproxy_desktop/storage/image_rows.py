"""The statements behind `images`: plain functions of a connection, called inside a transaction."""

# ruff: noqa: S608 - only constants of this module are put into statements; values are always bound

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from aiproxy_desktop.storage.database import encode_text
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_query import Counted, GalleryOrder, GalleryQuery, GalleryRow
from aiproxy_desktop.storage.image_records import ImageParent, StoredImage
from aiproxy_desktop.storage.search_query import Query, fold, parse, pattern
from aiproxy_desktop.storage.tables import micros, moment

if TYPE_CHECKING:
    import sqlite3

# Of a prompt, in a row of the gallery.
_CAPTION: Final = 240

# Values bound at once; SQLite takes 32,766.
_MOST_BOUND: Final = 5_000

_IMAGE = (
    "i.id, i.hash, i.size, i.created_at, i.family, i.origin, i.mime, i.width, i.height, i.name, i.prompt,"
    " i.model, i.parameters, i.cost, i.input_tokens, i.output_tokens, i.run, i.asked_with, i.conversation_id,"
    " i.message_id, i.mask_hash, i.favourite, i.tags"
)
_ROW = (
    f"i.id, i.hash, i.mime, i.width, i.height, i.created_at, i.favourite, i.name,"
    f" substr(i.prompt, 1, {_CAPTION}), i.model, i.origin"
)
_ORDERS: Final[Mapping[GalleryOrder, str]] = {
    "newest": "i.created_at DESC, i.number DESC",
    "oldest": "i.created_at, i.number",
    "name": "i.name = '', i.name COLLATE NOCASE, i.number",
    "largest": "i.width * i.height DESC, i.number DESC",
    "cost": "i.cost IS NULL, i.cost DESC, i.number DESC",
}


class MissingImageError(StorageError):
    """The image is no longer there."""


def missing() -> MissingImageError:
    """For an id of which there is no image."""
    return MissingImageError("That image is no longer there", "Choose another one.")


def insert(connection: sqlite3.Connection, image: StoredImage) -> StoredImage:
    """Write a new one, as a member of its base's family where there is one; as it was written."""
    base = connection.execute("SELECT family FROM images WHERE id = ?", [image.base]).fetchone()
    family = base[0] if base is not None else image.id
    connection.execute(
        """
        INSERT INTO images (id, hash, mask_hash, size, family, origin, mime, width, height, name, prompt,
            model, parameters, cost, input_tokens, output_tokens, run, asked_with, conversation_id,
            message_id, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT),
            CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        [
            *(image.id, image.hash, image.mask_hash, image.size_bytes, family, image.origin, image.mime),
            *(image.width, image.height),
            *map(encode_text, (image.name, image.prompt, image.model, _json(image.parameters))),
            *(image.cost, image.input_tokens, image.output_tokens, image.run, image.group),
            *(image.conversation_id, image.message_id, micros(image.created_at)),
        ],
    )
    connection.executemany(
        "INSERT INTO image_parents (image_id, position, parent_id, role) VALUES (?, ?, ?, ?)",
        [(image.id, place, parent.id, parent.role) for place, parent in enumerate(image.parents)],
    )
    return one(connection, image.id)


def one(connection: sqlite3.Connection, image_id: str) -> StoredImage:
    """One image that is not deleted.

    Raises:
        MissingImageError: there is none of this id.
    """
    found = many(connection, [image_id])
    if not found:
        raise missing()
    return found[0]


def many(connection: sqlite3.Connection, ids: Sequence[str]) -> tuple[StoredImage, ...]:
    """Those of these ids that are there, in the order of the ids."""
    found: dict[str, StoredImage] = {}
    for part in _parts(ids):
        rows = connection.execute(
            f"SELECT {_IMAGE} FROM images i WHERE i.deleted_at IS NULL AND i.id IN ({_marks(part)})", part
        )
        found.update((image.id, image) for image in _images(connection, rows.fetchall()))
    return tuple(found[image_id] for image_id in dict.fromkeys(ids) if image_id in found)


def family(connection: sqlite3.Connection, image_id: str) -> tuple[StoredImage, ...]:
    """All versions of which one is `image_id`, deleted or not, oldest first; empty for an unknown id."""
    rows = connection.execute(
        f"SELECT {_IMAGE} FROM images i WHERE i.deleted_at IS NULL"
        " AND i.family = (SELECT family FROM images WHERE id = ?) ORDER BY i.created_at, i.number",
        [image_id],
    )
    return _images(connection, rows.fetchall())


def children(connection: sqlite3.Connection, image_id: str) -> tuple[StoredImage, ...]:
    """What was made from an image, oldest first."""
    rows = connection.execute(
        f"SELECT {_IMAGE} FROM images i WHERE i.deleted_at IS NULL"
        " AND i.id IN (SELECT image_id FROM image_parents WHERE parent_id = ?)"
        " ORDER BY i.created_at, i.number",
        [image_id],
    )
    return _images(connection, rows.fetchall())


def search(connection: sqlite3.Connection, query: GalleryQuery, limit: int = -1) -> tuple[GalleryRow, ...]:
    """All rows that fit, in the order asked for, or the first of them; fewer where terms are literal."""
    asked = parse(query.text)
    literal = tuple(term for term in asked.terms if term.literal)
    where, values = _conditions(query, asked)
    wanted = f"{_ROW}, i.prompt, i.tags" if literal else _ROW
    # FTS answers a set of numbers: the order is that of an index or of a sort, never that of the words.
    rows = connection.execute(
        f"SELECT {wanted} FROM images i WHERE {where} ORDER BY {_ORDERS[query.order]} LIMIT ?",
        [*values, limit],
    )
    if not literal:
        return tuple(map(GalleryRow._make, rows))
    checks = [pattern(term) for term in literal]
    return tuple(
        row
        for *light, prompt, tags in rows
        for row in (GalleryRow._make(light),)
        if _holds(f"{row.name}\n{prompt}\n{row.model}\n{tags}", checks)
    )


def _holds(text: str, checks: Sequence[Any]) -> bool:
    folded = fold(text)
    return all(check.search(folded) for check in checks)


def _conditions(query: GalleryQuery, asked: Query) -> tuple[str, list[Any]]:
    where: list[str] = ["i.deleted_at IS NULL"]
    values: list[Any] = []
    expression = " ".join(term.expression for term in asked.terms if term.indexed)
    if expression:
        where.append("i.number IN (SELECT rowid FROM image_index WHERE image_index MATCH CAST(? AS TEXT))")
        values.append(encode_text(expression))
    for tag in query.tags:
        where.append("i.id IN (SELECT image_id FROM image_tags WHERE tag = CAST(? AS TEXT))")
        values.append(encode_text(tag))
    if query.favourites:
        where.append("i.favourite = 1")
    for column, value in (("model", query.model), ("origin", query.origin)):
        if value:
            where.append(f"i.{column} = CAST(? AS TEXT)")
            values.append(encode_text(value))
    for sign, at in ((">=", query.made_from), ("<", query.made_until)):
        if at is not None:
            where.append(f"i.created_at {sign} ?")
            values.append(micros(at))
    return " AND ".join(where), values


def tags(connection: sqlite3.Connection) -> tuple[Counted, ...]:
    """Every tag in use, by name."""
    rows = connection.execute(
        "SELECT t.tag, count(*) FROM image_tags t JOIN images i ON i.id = t.image_id"
        " WHERE i.deleted_at IS NULL GROUP BY t.tag"
    )
    return tuple(sorted((Counted(*row) for row in rows), key=lambda tag: (fold(tag.name), tag.name)))


def models(connection: sqlite3.Connection) -> tuple[Counted, ...]:
    """Every model that made an image here, the most used first."""
    rows = connection.execute(
        "SELECT model, count(*) FROM images WHERE deleted_at IS NULL AND model <> ''"
        " GROUP BY model ORDER BY count(*) DESC, model"
    )
    return tuple(Counted(*row) for row in rows)


def count(connection: sqlite3.Connection) -> int:
    """How many images there are."""
    number: int = connection.execute("SELECT count(*) FROM images WHERE deleted_at IS NULL").fetchone()[0]
    return number


def set_tags(connection: sqlite3.Connection, image_id: str, wanted: Sequence[str]) -> None:
    """Give an image these tags and no others; one in use in another case is written as it is there."""
    in_use = {fold(tag.name): tag.name for tag in tags(connection)}
    kept = list(dict.fromkeys(in_use.get(fold(tag), tag) for tag in wanted))
    _change(connection, image_id, "tags", encode_text("\n".join(kept)))
    connection.execute("DELETE FROM image_tags WHERE image_id = ?", [image_id])
    connection.executemany(
        "INSERT INTO image_tags (tag, image_id) VALUES (CAST(? AS TEXT), ?)",
        [(encode_text(tag), image_id) for tag in kept],
    )


def set_name(connection: sqlite3.Connection, image_id: str, name: str) -> None:
    """Call it so."""
    _change(connection, image_id, "name", encode_text(name))


def _change(connection: sqlite3.Connection, image_id: str, column: str, value: bytes) -> None:
    changed = connection.execute(
        f"UPDATE images SET {column} = CAST(? AS TEXT) WHERE id = ? AND deleted_at IS NULL", [value, image_id]
    )
    if not changed.rowcount:
        raise missing()


def set_favourite(connection: sqlite3.Connection, ids: Sequence[str], favourite: bool) -> None:
    """Mark them, or unmark them; those that are gone are passed over."""
    connection.executemany(
        "UPDATE images SET favourite = ? WHERE id = ?", [(int(favourite), image_id) for image_id in ids]
    )


def set_deleted(connection: sqlite3.Connection, ids: Sequence[str], at: int | None) -> tuple[str, ...]:
    """Hide, or show again with None; those that this changed."""
    state = "IS NULL" if at is not None else "IS NOT NULL"
    return tuple(
        image_id
        for image_id in dict.fromkeys(ids)
        if connection.execute(
            f"UPDATE images SET deleted_at = ? WHERE id = ? AND deleted_at {state}", [at, image_id]
        ).rowcount
    )


def purge(connection: sqlite3.Connection, ids: Sequence[str] | None = None) -> None:
    """Remove what is hidden for good: all of it, or these."""
    if ids is None:
        connection.execute("DELETE FROM images WHERE deleted_at IS NOT NULL")
        return
    connection.executemany(
        "DELETE FROM images WHERE deleted_at IS NOT NULL AND id = ?", [(image_id,) for image_id in ids]
    )


def referenced_hashes(connection: sqlite3.Connection, *, living: bool = False) -> frozenset[str]:
    """Of all images and masks, deleted ones too while they can be brought back.

    Args:
        connection: to read from.
        living: leave out what is deleted.
    """
    where = "WHERE deleted_at IS NULL" if living else ""
    rows = connection.execute(f"SELECT hash, mask_hash FROM images {where}").fetchall()
    return frozenset(digest for row in rows for digest in row if digest)


def _images(connection: sqlite3.Connection, rows: Sequence[Sequence[Any]]) -> tuple[StoredImage, ...]:
    parents: dict[str, list[ImageParent]] = {}
    for part in _parts([row[0] for row in rows]):
        for image_id, parent, role in connection.execute(
            "SELECT image_id, parent_id, role FROM image_parents"
            f" WHERE image_id IN ({_marks(part)}) ORDER BY image_id, position",
            part,
        ):
            parents.setdefault(image_id, []).append(ImageParent(parent, role))
    return tuple(_image(row, tuple(parents.get(row[0], ()))) for row in rows)


def _image(row: Sequence[Any], parents: tuple[ImageParent, ...]) -> StoredImage:
    identity, digest, size, created, of_family, origin, mime, width, height, name, prompt, model = row[:12]
    parameters, cost, inputs, outputs, run, group, conversation, message, mask_digest, favourite, lines = row[
        12:
    ]
    return StoredImage(
        id=identity,
        hash=digest,
        size_bytes=size,
        created_at=moment(created),
        family=of_family,
        origin=origin,
        mime=mime,
        width=width,
        height=height,
        name=name,
        prompt=prompt,
        model=model,
        parameters=_mapping(parameters),
        cost=cost,
        input_tokens=inputs,
        output_tokens=outputs,
        parents=parents,
        run=run,
        group=group,
        conversation_id=conversation,
        message_id=message,
        mask_hash=mask_digest,
        favourite=bool(favourite),
        tags=tuple(lines.split("\n")) if lines else (),
    )


def _json(parameters: Mapping[str, Any]) -> str:
    return json.dumps(dict(parameters), ensure_ascii=False) if parameters else ""


def _mapping(text: str) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        value = json.loads(text)
    except ValueError:  # changed by another program: the image is worth more than its options
        return {}
    return value if isinstance(value, dict) else {}


def _parts(ids: Sequence[str]) -> Iterable[list[str]]:
    left = iter(ids)
    return iter(lambda: list(islice(left, _MOST_BOUND)), [])


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
