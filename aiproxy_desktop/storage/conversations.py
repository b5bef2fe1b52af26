"""Conversations as trees of messages, and answers that are written while they arrive."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from aiproxy_desktop.core.messages import Role
from aiproxy_desktop.storage import branches, image_rows, tables
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.records import (
    Attachment,
    Conversation,
    DeletedBranch,
    MessageStatus,
    Outcome,
    StoredMessage,
    StoredTurn,
    ThreadPage,
    Totals,
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

    async def page(self, limit: int = 50, before: Conversation | None = None) -> tuple[Conversation, ...]:
        """At most `limit` of all conversations, archived ones too, that come after `before`, last used first.

        For going through all of them; what lists show comes from `LibraryStore.page`.
        """
        return await self._db.read(partial(tables.page, limit=limit, before=before))

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

    async def thread_end(self, conversation_id: str, limit: int) -> tuple[Conversation, ThreadPage]:
        """A conversation and the last `limit` messages of the branch it stands on.

        Raises:
            MissingConversationError: there is none of this id.
        """

        def work(connection: sqlite3.Connection) -> tuple[Conversation, ThreadPage]:
            current = tables.conversation(connection, conversation_id)
            return current, ThreadPage(*tables.thread_page(connection, current.leaf_id, limit))

        return await self._db.read(work)

    async def thread_before(self, last_id: str, limit: int) -> ThreadPage:
        """At most `limit` messages up to and with `last_id`, whatever branch it is on."""
        return ThreadPage(*await self._db.read(partial(tables.thread_page, last_id=last_id, limit=limit)))

    async def is_on_branch(self, message_id: str) -> bool:
        """Whether its conversation stands on the branch through this message."""
        return await self._db.read(partial(tables.is_on_branch, message_id=message_id))

    async def totals(self, last_id: str) -> Totals:
        """What the answers used from the first message to this one."""
        return await self._db.read(partial(tables.totals, last_id=last_id))

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

    # Branches

    async def copy_branch(self, message_id: str) -> Conversation:
        """A new conversation with a copy of the path down to this message; settings are kept.

        Its title has a number, so that the two can be told apart.
        """

        def work(connection: sqlite3.Connection) -> Conversation:
            source = tables.conversation(connection, tables.message(connection, message_id).conversation_id)
            fresh = self._fresh(branches.numbered_title(connection, source.title), source.model)
            target = replace(
                fresh, folder_id=source.folder_id, titled_by=source.titled_by, options=source.options
            )
            return branches.copy_branch(connection, message_id, target, iter(new_id, ""))

        return await self._db.run(work)

    async def delete_branch(self, message_id: str) -> DeletedBranch:
        """Take a message and everything below it out; it can be brought back until it is purged."""
        at = tables.micros(self._now())
        return await self._db.run(partial(branches.delete_branch, message_id=message_id, at=at))

    async def restore_branch(self, branch: DeletedBranch) -> Conversation:
        """Undo `delete_branch`: everything is as it was."""
        return await self._db.run(partial(branches.restore_branch, branch=branch))

    async def purge_branch(self, branch: DeletedBranch) -> None:
        """Remove for good what was deleted and not brought back."""
        await self._db.run(partial(branches.purge_branch, branch=branch))

    async def set_comparison(self, conversation_id: str, ends: Sequence[str]) -> None:
        """Remember the end of each column; empty when models are not compared any more."""
        await self._db.run(
            partial(branches.set_comparison, conversation_id=conversation_id, ends=tuple(ends))
        )

    async def change_column(
        self, conversation_id: str, former: str | None, end: str | None
    ) -> tuple[str, ...]:
        """Another end in place of a column's former one; None adds a column, or takes it away.

        Returns:
            the ends of all columns as they are now.
        """
        return await self._db.run(
            partial(branches.change_column, conversation_id=conversation_id, former=former, end=end)
        )

    async def columns(
        self, ends: Sequence[str]
    ) -> tuple[StoredMessage | None, tuple[tuple[StoredMessage, ...], ...]]:
        """The question that models are compared by, and what stands below it in the column of each end.

        An end that is not there any more has no column.
        """
        return await self._db.read(partial(branches.columns, ends=tuple(ends)))

    async def referenced_hashes(self) -> frozenset[str]:
        """Of all attachments that a message or a draft still has, and of all images and their masks.

        They lie in one folder: whoever tidies it must know all that anything in the database names.
        """

        def work(connection: sqlite3.Connection) -> frozenset[str]:
            return branches.referenced_hashes(connection) | image_rows.referenced_hashes(connection)

        return await self._db.read(work)

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

    async def add_comparison(
        self,
        prompt: str,
        models: Sequence[str],
        *,
        ends: Sequence[str] = (),
        title: str = "",
        conversation_id: str | None = None,
        parent_id: str | None = None,
        attachments: Sequence[Attachment] = (),
        options: ChatOptions = NO_OPTIONS,
        folder_id: str | None = None,
    ) -> tuple[StoredTurn, ...]:
        """Write a question and an empty answer of each model, all or nothing, and remember the columns.

        Args:
            prompt: the question.
            models: who answers, a column each.
            ends: of the columns so far: the question is asked below each of them; empty for the first
                question, which is written once and answered by all.
            title: of the new conversation, when `conversation_id` is None.
            conversation_id: where to ask; None makes a conversation.
            parent_id: the message to ask the first question after; None is where the conversation stands.
            attachments: what goes with the question.
            options: of the new conversation, when `conversation_id` is None.
            folder_id: where the new conversation is kept, when `conversation_id` is None.
        """

        def work(connection: sqlite3.Connection) -> tuple[StoredTurn, ...]:
            if conversation_id is None:
                current = replace(self._fresh(title, models[0]), options=options, folder_id=folder_id)
                tables.insert_conversation(connection, current)
            else:
                current = tables.conversation(connection, conversation_id)
            draft = self._draft(current.id, None, "user", prompt)
            questions = []
            for parent in ends or (parent_id or current.leaf_id,):
                question = replace(draft, id=new_id(), parent_id=parent, attachments=tuple(attachments))
                tables.insert_message(connection, question)
                questions.append(question.id)
            asked = questions if ends else questions * len(models)
            turns = [
                self._add_answer(connection, question_id, model)
                for question_id, model in zip(asked, models, strict=True)
            ]
            tables.touch(connection, turns[0].answer)
            branches.set_comparison(connection, current.id, [turn.answer.id for turn in turns])
            current = tables.conversation(connection, current.id)
            # Read once more: each answer has got versions beside it since it was written.
            return tuple(
                StoredTurn(current, turn.question, tables.message(connection, turn.answer.id))
                for turn in turns
            )

        return await self._db.run(work)

    async def add_answer(
        self, answer_id: str, model: str | None = None, *, go_on: bool = False
    ) -> StoredTurn:
        """Write a streaming answer beside another one; nothing of that one changes.

        Args:
            answer_id: the answer to have another version of, or the question to have an answer to.
            model: who answers now; None is the same model.
            go_on: begin with what the other one says; else the new one is empty.
        """

        def work(connection: sqlite3.Connection) -> StoredTurn:
            former = tables.message(connection, answer_id)
            if former.role == "user" and model is not None and not go_on:
                return self._add_answer(connection, former.id, model)
            if former.parent_id is None or former.role != "assistant":
                raise MissingConversationError("That message is not an answer", "Retry an answer.")
            turn = self._add_answer(connection, former.parent_id, model or former.model or "")
            if not go_on:
                return turn
            tables.append(connection, turn.answer.id, former.text, former.reasoning)
            begun = tables.message(connection, turn.answer.id)
            return replace(turn, answer=replace(begun, parts=former.parts, attachments=former.attachments))

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

        Conversations and images that were deleted and not restored are purged.

        Returns:
            how many answers were interrupted.
        """

        def work(connection: sqlite3.Connection) -> int:
            image_rows.purge(connection)
            return tables.recover(connection)

        return await self._db.run(work)

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
