"""Questions and answers that were spoken: words come late, and an answer can be cut after it was whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiproxy_desktop.storage import tables
from aiproxy_desktop.storage.database import Database, encode_text
from aiproxy_desktop.storage.records import Conversation, Outcome

if TYPE_CHECKING:
    import sqlite3

    from aiproxy_desktop.storage.conversations import ConversationStore


class SpokenStore:
    """Writes over what `ConversationStore.add_turn` has begun.

    Every method raises StorageError when the database refuses, and then nothing was changed.
    """

    def __init__(self, db: Database, conversations: ConversationStore) -> None:
        """Wire up.

        Args:
            db: the history.
            conversations: the same one's conversations, for beginning them.
        """
        self._db = db
        self.conversations = conversations

    async def set_question(self, message_id: str, text: str) -> None:
        """Other words of a question; search finds it by these."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE messages SET text = CAST(? AS TEXT) WHERE id = ? AND role = 'user'",
                [encode_text(text), message_id],
            )

        await self._db.run(work)

    async def set_answer(self, message_id: str, text: str, outcome: Outcome, finished_at: int) -> None:
        """The whole answer and how it ended, whatever was written of it before.

        Args:
            message_id: of the answer.
            text: all of it.
            outcome: how it ended; its attachments are left out.
            finished_at: microseconds since 1970.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM journal WHERE message_id = ?", [message_id])
            connection.execute(
                "UPDATE messages SET status = 'streaming' WHERE id = ? AND role = 'assistant'", [message_id]
            )
            tables.finish(connection, message_id, outcome, (text, ""), finished_at)

        await self._db.run(work)

    async def set_title(self, conversation_id: str, title: str) -> Conversation:
        """A title from the first words, unless a person or a model gave one.

        Raises:
            MissingConversationError: there is none of this id.
        """

        def work(connection: sqlite3.Connection) -> Conversation:
            connection.execute(
                "UPDATE conversations SET title = CAST(? AS TEXT) WHERE id = ? AND titled_by = 'prompt'",
                [encode_text(title), conversation_id],
            )
            return tables.conversation(connection, conversation_id)

        return await self._db.run(work)
