"""A chat turn: written before it is sent, kept while it arrives, closed however it ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from aiproxy_desktop.core.errors import AIProxyError, RequestTooLargeError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.core.threads import outlasting
from aiproxy_desktop.services.answer import AnswerWriter
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.records import Attachment, Outcome, StoredMessage, StoredTurn

Turn = StoredTurn

# UTF-8. Providers take bodies of about 10 to 20 MB, and the rest of the conversation must fit as well.
MAX_PROMPT_BYTES = 8 * 1024 * 1024
MAX_TITLE = 60

_INTERRUPTED = Outcome("interrupted")
_BUG = Outcome(
    "failed",
    error_title="Something in the application went wrong",
    error_advice="Try again; the log has the details. What had arrived is kept.",
)


class Completions(Protocol):
    """What a chat needs of the core's client."""

    def stream(
        self, *, messages: Sequence[Message], model: str
    ) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Answer, event by event; see `core.client.CompletionClient.stream`."""
        ...


class ChatService:
    """Asks models and keeps what they say."""

    def __init__(self, store: ConversationStore, client: Completions) -> None:
        self._store = store
        self._client = client
        self._closing: set[asyncio.Task[None]] = set()

    async def begin(
        self,
        prompt: str,
        model_ref: str,
        conversation_id: str | None = None,
        parent_id: str | None = None,
        *,
        attachments: Sequence[Attachment] = (),
        options: ChatOptions = NO_OPTIONS,
        folder_id: str | None = None,
    ) -> Turn:
        """Write a question and the empty answer to it. Nothing is sent yet: `run` does that.

        Args:
            prompt: what the person wrote.
            model_ref: the model's reference, `provider:id`.
            conversation_id: where to ask; None begins a conversation.
            parent_id: the message to ask after; None is where the conversation stands.
            attachments: what goes with it; their bytes are kept already.
            options: of a conversation that begins here; another one has its own.
            folder_id: where a conversation that begins here is kept.

        Raises:
            RequestTooLargeError: the prompt is over MAX_PROMPT_BYTES; nothing was written.
            StorageError: it could not be written.
        """
        _check_size(prompt)
        return await self._store.add_turn(
            prompt,
            model_ref,
            title=title_of(prompt),
            conversation_id=conversation_id,
            parent_id=parent_id,
            attachments=attachments,
            options=options,
            folder_id=folder_id,
        )

    async def edit(self, question_id: str, prompt: str, model_ref: str) -> Turn:
        """Ask another version of a question, beside the old one, whose branch stays.

        Raises:
            RequestTooLargeError, StorageError: as `begin`.
        """
        _check_size(prompt)
        old = await self._store.message(question_id)
        return await self._store.add_turn(
            prompt, model_ref, conversation_id=old.conversation_id, version_of=question_id
        )

    async def retry(self, answer_id: str, model_ref: str | None = None) -> Turn:
        """Have another answer to the same question, beside the old one, which stays.

        Args:
            answer_id: the answer to have another version of.
            model_ref: who answers now; None is the same model.

        Raises:
            StorageError: it could not be written.
        """
        return await self._store.add_answer(answer_id, model_ref)

    async def run(self, turn: Turn) -> AsyncGenerator[StreamEvent]:
        """Send the question and pass on the answer as it arrives, writing it down all the while.

        The answer is closed in storage however this ends: whole, failed with its error, or interrupted
        when the task is cancelled or the generator closed. Iterate inside `contextlib.aclosing`.

        Raises:
            AIProxyError: the provider's error, after it was stored; or a StorageError when the answer
                could not be written, after all of it was passed on.
        """
        writer = AnswerWriter(self._store, turn.answer.id)
        outcome = _INTERRUPTED
        try:
            thread = await self._store.thread(turn.conversation.id, turn.question.id)
            async with self._client.stream(messages=history(thread), model=turn.answer.model or "") as events:
                async for event in events:
                    writer.feed(event)
                    yield event
        except AIProxyError as error:
            outcome = Outcome("failed", error.title, error.advice, error.detail)
            raise
        except Exception:
            outcome = _BUG
            raise
        finally:
            if outcome is _INTERRUPTED and writer.finish_reason is not None:
                outcome = Outcome("complete")
            await self._close(writer, outcome)

    async def drain(self) -> None:
        """Wait until every answer that was being closed is written. Call before closing the database."""
        while self._closing:
            await asyncio.wait(set(self._closing))

    async def _close(self, writer: AnswerWriter, outcome: Outcome) -> None:
        # A task of its own: a second cancel must not lose the end of an answer.
        task = asyncio.get_running_loop().create_task(writer.close(outcome), name="chat:close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        await outlasting(task)


def history(thread: Sequence[StoredMessage]) -> tuple[Message, ...]:
    """What is sent: the thread without empty answers, and with neighbours of one role joined.

    Some models' templates refuse two messages of one role in a row, which a failed answer would leave.
    """
    joined: list[Message] = []
    for stored in thread:
        if stored.role == "assistant" and not stored.text:
            continue
        if joined and joined[-1].role == stored.role:
            former = joined.pop()
            joined.append(Message.of(stored.role, f"{former.text}\n\n{stored.text}"))
        else:
            joined.append(Message.of(stored.role, stored.text))
    return tuple(joined)


def title_of(prompt: str) -> str:
    """The first words of a prompt, on one line, at most MAX_TITLE characters, cut at a word."""
    # Only the beginning matters, and a prompt can be megabytes.
    words = re.sub(r"[\s\x00-\x1f\x7f]+", " ", prompt.lstrip()[: 8 * MAX_TITLE]).strip()
    if len(words) <= MAX_TITLE:
        return words or "New chat"
    cut = words[: MAX_TITLE - 1]
    whole, space, _ = cut.rpartition(" ")
    # A first word longer than the title is cut within.
    return (whole if space and len(whole) > MAX_TITLE // 3 else cut).rstrip(" ,;:.-") + "…"


def _check_size(prompt: str) -> None:
    size = len(prompt.encode("utf-8", "surrogatepass"))
    if size > MAX_PROMPT_BYTES:
        raise RequestTooLargeError(
            f"The message is too long ({size / 1024**2:.1f} MB)",
            f"At most {MAX_PROMPT_BYTES // 1024**2} MB can be sent at once. Shorten it; nothing was lost.",
        )
