"""Conversations as trees of messages, and answers that are written while they arrive."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import (
    Attachment,
    Conversation,
    MessageStatus,
    Outcome,
    StoredMessage,
    StoredTurn,
)

if TYPE_CHECKING:
    import sqlite3

__all__ = ["Conversation", "ConversationStore", "MessageStatus", "Outcome", "StoredMessage", "StoredTurn"]


class ConversationStore:
    """All conversations of one database.

    Every method raises StorageError when the database refuses (see `storage.errors`), and then
    nothing was changed. Text may hold anything a Python string can hold.
    """

    def __init__(self, db: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._db = db
        self._now = now

    # Conversations

    async def page(
        self, limit: int = 50, before: Conversation | None = None, search: str = ""
    ) -> tuple[Conversation, ...]:
        """At most `limit` conversations, the last used first, that come after `before` in that order.

        With `search`, only those whose title contains it, whatever its case.
        """
        return await self._db.read(partial(tables.page, limit=limit, before=before, search=search))

    async def get(self, conversation_id: str) -> Conversation:
        """One conversation.

        Raises:
            MissingConversationError: there is none of this id.
        """
        return await self._db.read(partial(tables.conversation, conversation_id=conversation_id))

    async def create(self, title: str, model: str | None = None) -> Conversation:
        """A new conversation without messages."""
        fresh = self._fresh(title, model)
        await self._db.run(partial(tables.insert_conversation, conversation=fresh))
        return fresh

    async def rename(self, conversation_id: str, title: str) -> None:
        """Give it another title; its place in the list stays."""
        await self._db.run(partial(tables.set_title, conversation_id=conversation_id, title=title))

    async def set_options(self, conversation_id: str, options: ChatOptions) -> None:
        """How it is answered from now on; its place in the list stays.

        Raises:
            MissingConversationError: there is none of this id.
        """
        await self._db.run(partial(tables.set_options, conversation_id=conversation_id, options=options))

    async def delete(self, conversation_id: str) -> None:
        """Take it out of every list. It can be restored until it is purged."""
        await self._db.run(
            partial(tables.set_deleted, conversation_id=conversation_id, at=tables.micros(self._now()))
        )

    async def restore(self, conversation_id: str) -> None:
        """Undo `delete`: it is back where it was."""
        await self._db.run(partial(tables.set_deleted, conversation_id=conversation_id, at=None))

    async def purge(self, conversation_id: str | None = None) -> None:
        """Remove for good what was deleted: one conversation, or all of them."""
        await self._db.run(partial(tables.purge, conversation_id=conversation_id))

    # Messages

    async def thread(self, conversation_id: str, leaf_id: str | None = None) -> tuple[StoredMessage, ...]:
        """The messages from the first one to `leaf_id` (by default where the conversation stands)."""
        return await self._db.read(partial(tables.thread, conversation_id=conversation_id, leaf_id=leaf_id))

    async def message(self, message_id: str) -> StoredMessage:
        """One message.

        Raises:
            MissingConversationError: there is none of this id.
        """
        return await self._db.read(partial(tables.message, message_id=message_id))

    async def siblings(self, message_id: str) -> tuple[StoredMessage, ...]:
        """All versions of a message, oldest first, itself included."""
        return await self._db.read(partial(tables.siblings, message_id=message_id))

    async def select(self, message_id: str) -> Conversation:
        """Make the branch through this message the current one, down to its newest end."""
        return await self._db.run(partial(tables.select, message_id=message_id))

    async def add_messages(
        self, conversation_id: str, messages: Sequence[tuple[Role, str]]
    ) -> tuple[StoredMessage, ...]:
        """Add whole messages, (role, text), one after the other, where the conversation stands."""

        def work(connection: sqlite3.Connection) -> tuple[StoredMessage, ...]:
            parent = tables.conversation(connection, conversation_id).leaf_id
            added = []
            for role, text in messages:
                message = self._draft(conversation_id, parent, role, text)
                tables.insert_message(connection, message)
                added.append(message)
                parent = message.id
            if added:
                tables.touch(connection, added[-1])
            return tuple(added)

        return await self._db.run(work)

    async def add_turn(
        self,
        prompt: str,
        model: str,
        *,
        title: str = "",
        conversation_id: str | None = None,
        parent_id: str | None = None,
        version_of: str | None = None,
        attachments: Sequence[Attachment] = (),
        options: ChatOptions = NO_OPTIONS,
        folder_id: str | None = None,
    ) -> StoredTurn:
        """Write a question and the empty, streaming answer to it, together or not at all.

        Args:
            prompt: the question.
            model: the reference of the model that will answer.
            title: of the new conversation, when `conversation_id` is None.
            conversation_id: where to ask; None makes a conversation.
            parent_id: the message to ask after; None is where the conversation stands.
            version_of: a question that this one is another version of; overrides `parent_id`.
            attachments: what goes with the question.
            options: of the new conversation, when `conversation_id` is None.
            folder_id: where the new conversation is kept, when `conversation_id` is None.

        Raises:
            MissingConversationError: the conversation or the message is gone.
        """

        def work(connection: sqlite3.Connection) -> StoredTurn:
            if conversation_id is None:
                current = replace(self._fresh(title, model), options=options, folder_id=folder_id)
                tables.insert_conversation(connection, current)
            else:
                current = tables.conversation(connection, conversation_id)
            parent = parent_id or current.leaf_id
            if version_of is not None:
                parent = tables.message(connection, version_of).parent_id
            question = replace(
                self._draft(current.id, parent, "user", prompt), attachments=tuple(attachments)
            )
            tables.insert_message(connection, question)
            return self._add_answer(connection, question.id, model)

        return await self._db.run(work)

    async def add_answer(self, answer_id: str, model: str | None = None) -> StoredTurn:
        """Write an empty, streaming answer beside another one; nothing of that one changes.

        Args:
            answer_id: the answer to have another version of.
            model: who answers now; None is the same model.
        """

        def work(connection: sqlite3.Connection) -> StoredTurn:
            former = tables.message(connection, answer_id)
            if former.parent_id is None or former.role != "assistant":
                raise MissingConversationError("That message is not an answer", "Retry an answer.")
            return self._add_answer(connection, former.parent_id, model or former.model or "")

        return await self._db.run(work)

    def _add_answer(self, connection: sqlite3.Connection, question_id: str, model: str) -> StoredTurn:
        question = tables.message(connection, question_id)
        answer = self._draft(
            question.conversation_id, question.id, "assistant", "", model=model, status="streaming"
        )
        tables.insert_message(connection, answer)
        tables.touch(connection, answer)
        return StoredTurn(
            tables.conversation(connection, question.conversation_id),
            question,
            tables.message(connection, answer.id),
        )

    # Answers while they arrive

    async def append(self, message_id: str, text: str, reasoning: str = "") -> None:
        """Write the next piece of a streaming answer; the cost does not depend on what came before.

        A piece for a message that was purged meanwhile is dropped.
        """
        await self._db.run(partial(tables.append, message_id=message_id, text=text, reasoning=reasoning))

    async def finish(
        self, message_id: str, outcome: Outcome, text: str = "", reasoning: str = ""
    ) -> StoredMessage | None:
        """Write the last piece and how the answer ended, and fold all pieces into the message.

        Returns:
            the whole message, or None when it was purged meanwhile.
        """
        at = tables.micros(self._now())
        return await self._db.run(
            partial(
                tables.finish, message_id=message_id, outcome=outcome, tail=(text, reasoning), finished_at=at
            )
        )

    async def recover(self) -> int:
        """After opening: what was still streaming when the process ended becomes interrupted.

        Conversations that were deleted and not restored are purged.

        Returns:
            how many answers were interrupted.
        """
        return await self._db.run(tables.recover)

    def _fresh(self, title: str, model: str | None) -> Conversation:
        now = tables.in_utc(self._now())
        return Conversation(new_id(), title, model, now, now, None)

    def _draft(
        self,
        conversation_id: str,
        parent_id: str | None,
        role: Role,
        text: str,
        *,
        model: str | None = None,
        status: MessageStatus = "complete",
    ) -> StoredMessage:
        return StoredMessage(
            id=new_id(),
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            text=text,
            created_at=tables.in_utc(self._now()),
            model=model,
            status=status,
        )


def new_id() -> str:
    """A random 128-bit identity, 32 hexadecimal digits."""
    return os.urandom(16).hex()
