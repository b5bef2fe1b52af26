"""What a person keeps to use again: prompts by name, and personas, which are named sets of options."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from aiproxy_desktop.storage.chat_options import ChatOptions, options_from_json, options_to_json
from aiproxy_desktop.storage.conversations import new_id
from aiproxy_desktop.storage.database import Database, decode_text, encode_text
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.tables import micros

if TYPE_CHECKING:
    import sqlite3

Table: TypeAlias = Literal["prompts", "personas"]

MAX_NAME = 80


class NameTakenError(StorageError):
    """Another one has this name, whatever its case."""


class NameMissingError(StorageError):
    """A name is empty, or nothing but spaces."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text to begin a message with; `{{name}}` in it is a variable. `id` is empty before it is kept."""

    name: str
    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Persona:
    """Options under a name, the model among them. `id` is empty before it is kept."""

    name: str
    options: ChatOptions
    id: str = ""


class PresetStore:
    """Prompts and personas of one database, each kind in the order of its names.

    Every method raises StorageError when the database refuses, and then nothing was changed.
    """

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now

    async def prompts(self) -> tuple[Prompt, ...]:
        """All of them."""
        rows = await self._rows("prompts", "text")
        return tuple(Prompt(name, text, identity) for identity, name, text in rows)

    async def personas(self) -> tuple[Persona, ...]:
        """All of them."""
        rows = await self._rows("personas", "options")
        return tuple(Persona(name, options_from_json(text), identity) for identity, name, text in rows)

    async def save_prompt(self, prompt: Prompt) -> Prompt:
        """Keep a prompt: a new one, or with the id of another in its place.

        Returns:
            it as kept, with its id.

        Raises:
            NameMissingError, NameTakenError: the name cannot be used.
        """
        name, identity = await self._save("prompts", "text", prompt.id, prompt.name, prompt.text)
        return Prompt(name, prompt.text, identity)

    async def save_persona(self, persona: Persona) -> Persona:
        """Keep a persona; see `save_prompt`."""
        value = options_to_json(persona.options)
        name, identity = await self._save("personas", "options", persona.id, persona.name, value)
        return Persona(name, persona.options, identity)

    async def delete_prompt(self, prompt_id: str) -> None:
        """Remove it for good; one that is gone already stays so."""
        await self._delete("prompts", prompt_id)

    async def delete_persona(self, persona_id: str) -> None:
        """Remove it for good; one that is gone already stays so."""
        await self._delete("personas", persona_id)

    async def _rows(self, table: Table, value: str) -> list[tuple[str, str, str]]:
        def work(connection: sqlite3.Connection) -> list[tuple[str, str, str]]:
            rows = connection.execute(
                f"SELECT id, CAST(name AS BLOB), CAST({value} AS BLOB) FROM {table}"  # noqa: S608 - constants
            )
            return [(identity, decode_text(name), decode_text(text)) for identity, name, text in rows]

        return sorted(await self._db.read(work), key=lambda row: (row[1].casefold(), row[1]))

    async def _save(self, table: Table, column: str, identity: str, name: str, value: str) -> tuple[str, str]:
        name = " ".join(name.split())[:MAX_NAME].rstrip()
        if not name:
            raise NameMissingError("It has no name yet", "Give it one.")
        identity = identity or new_id()
        at = micros(self._now())

        def work(connection: sqlite3.Connection) -> None:
            rows = connection.execute(f"SELECT id, CAST(name AS BLOB) FROM {table}")  # noqa: S608 - constants
            if any(
                other != identity and decode_text(taken).casefold() == name.casefold()
                for other, taken in rows.fetchall()
            ):
                raise NameTakenError(f"“{name}” is taken", "Choose another name.")
            connection.execute(
                f"INSERT OR REPLACE INTO {table} (id, name, {column}, updated_at)"  # noqa: S608 - constants
                " VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT), ?)",
                [identity, encode_text(name), encode_text(value), at],
            )

        await self._db.run(work)
        return name, identity

    async def _delete(self, table: Table, identity: str) -> None:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(f"DELETE FROM {table} WHERE id = ?", [identity])  # noqa: S608 - constants

        await self._db.run(work)
