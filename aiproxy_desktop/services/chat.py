"""A chat turn: written before it is sent, kept while it arrives, closed however it ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from typing import Any, Protocol

from aiproxy_desktop.core.errors import AIProxyError, RequestTooLargeError
from aiproxy_desktop.core.events import Finished, ImageReceived, Noted, StreamEvent, TextDelta
from aiproxy_desktop.core.messages import Message
from aiproxy_desktop.core.threads import outlasting
from aiproxy_desktop.services.answer import AnswerWriter
from aiproxy_desktop.services.answer_parts import ChatEvent, ImageKept
from aiproxy_desktop.services.costs import Describe
from aiproxy_desktop.services.image_size import image_size
from aiproxy_desktop.services.seam import Seam
from aiproxy_desktop.services.sending import Sending, going_on, history, sending
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.blobs import BlobStore
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.records import Attachment, Conversation, DeletedBranch, Outcome, StoredTurn

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
        self, *, messages: Sequence[Message], model: str, **options: Any
    ) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Answer, event by event; see `core.client.CompletionClient.stream`."""
        ...


class ChatService:
    """Asks models and keeps what they say."""

    def __init__(
        self,
        store: ConversationStore,
        client: Completions,
        blobs: BlobStore | None = None,
        describe: Describe | None = None,
    ) -> None:
        """Set up.

        Args:
            store: the history.
            client: whom to ask.
            blobs: the bytes of attachments and of images that answers bring.
            describe: what is known of a model: its price, and what it can do.
        """
        self._store = store
        self._client = client
        self._blobs = blobs
        self._describe = describe
        self._closing: set[asyncio.Task[None]] = set()
        self.answered: Subscribers[[str]] = Subscribers()  # told the id of each answer that is written

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
            title=title_of(prompt, attachments),
            conversation_id=conversation_id,
            parent_id=parent_id,
            attachments=attachments,
            options=options,
            folder_id=folder_id,
        )

    async def edit(
        self,
        question_id: str,
        prompt: str,
        model_ref: str,
        attachments: Sequence[Attachment] | None = None,
    ) -> Turn:
        """Ask another version of a question, beside the old one, whose branch stays.

        Args:
            question_id: the old one.
            prompt: what it says now.
            model_ref: who answers.
            attachments: what goes with it now; None is what went with the old one.

        Raises:
            RequestTooLargeError, StorageError: as `begin`.
        """
        _check_size(prompt)
        old = await self._store.message(question_id)
        return await self._store.add_turn(
            prompt,
            model_ref,
            conversation_id=old.conversation_id,
            version_of=question_id,
            attachments=old.attachments if attachments is None else attachments,
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

    async def resume(self, answer_id: str, model_ref: str | None = None) -> Turn:
        """Have an answer that broke off gone on with, in a version beside it that begins with its text.

        Raises:
            StorageError: it could not be written.
        """
        return await self._store.add_answer(answer_id, model_ref, go_on=True)

    async def compare(
        self,
        prompt: str,
        model_refs: Sequence[str],
        conversation_id: str | None = None,
        parent_id: str | None = None,
        *,
        ends: Sequence[str] = (),
        attachments: Sequence[Attachment] = (),
        options: ChatOptions = NO_OPTIONS,
        folder_id: str | None = None,
    ) -> tuple[Turn, ...]:
        """Ask several models at once; run each of the turns in a task of its own.

        Args:
            prompt: what the person wrote.
            model_refs: who answers, a column each.
            conversation_id: where to ask; None begins a conversation.
            parent_id: the message to ask the first question after; None is where the conversation stands.
            ends: the last answer of each column so far, in the same order; empty for the first question.
            attachments: what goes with it.
            options: of a conversation that begins here.
            folder_id: where a conversation that begins here is kept.

        Raises:
            RequestTooLargeError, StorageError: as `begin`.
        """
        _check_size(prompt)
        return await self._store.add_comparison(
            prompt,
            model_refs,
            ends=ends,
            title=title_of(prompt, attachments),
            conversation_id=conversation_id,
            parent_id=parent_id,
            attachments=attachments,
            options=options,
            folder_id=folder_id,
        )

    async def branch(self, message_id: str) -> Conversation:
        """A new conversation that begins with a copy of everything down to this message.

        Raises:
            StorageError: it could not be written.
        """
        return await self._store.copy_branch(message_id)

    async def delete_branch(self, message_id: str) -> DeletedBranch:
        """Take a message and everything below it out, until it is brought back or purged.

        Raises:
            StorageError: it could not be written.
        """
        return await self._store.delete_branch(message_id)

    async def restore_branch(self, branch: DeletedBranch) -> Conversation:
        """Undo `delete_branch`.

        Raises:
            StorageError: it could not be written.
        """
        return await self._store.restore_branch(branch)

    async def purge_branch(self, branch: DeletedBranch) -> None:
        """Remove for good what was deleted and not brought back.

        Raises:
            StorageError: it could not be written.
        """
        await self._store.purge_branch(branch)

    async def collect_blobs(self, keep: Collection[str] = ()) -> int:
        """Remove the bytes that nothing refers to any more, `keep` left alone; how many files went.

        Raises:
            StorageError: the folder cannot be read or written.
        """
        if self._blobs is None:
            return 0
        return await self._blobs.collect(await self._store.referenced_hashes() | frozenset(keep))

    async def run(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        """Send the question and pass on the answer as it arrives, writing it down all the while.

        The answer is closed in storage however this ends: whole, failed with its error, or interrupted
        when the task is cancelled or the generator closed. Iterate inside `contextlib.aclosing`.

        Raises:
            AIProxyError: the provider's error, after it was stored; or a StorageError when the answer
                could not be written, after all of it was passed on.
        """
        writer = AnswerWriter(self._store, turn.answer, self._describe)
        outcome = _INTERRUPTED
        try:
            async with aclosing(self._events(turn)) as events:
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
            await self._close(writer, outcome, turn.answer.id)

    async def _events(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        """The answer's events as they are stored: images kept, and the seam of one that goes on trimmed."""
        request = await self._request(turn)
        for parameter, sentence in request.notes:
            yield Noted(parameter, sentence)
        seam = Seam(turn.answer.text)
        model = turn.answer.model or ""
        async with self._client.stream(messages=request.messages, model=model, **request.options) as events:
            async for event in events:
                match event:
                    case TextDelta(text):
                        fresh = seam.feed(text)
                        if fresh:
                            yield TextDelta(fresh)
                    case ImageReceived(preview=False):
                        yield await self._keep(event)
                    case Finished():
                        held = seam.finish()
                        if held:
                            yield TextDelta(held)
                        yield event
                    case _:
                        yield event

    async def _request(self, turn: Turn) -> Sending:
        thread = await self._store.thread(turn.conversation.id, turn.question.id)
        messages = await history(thread, self._blobs)
        if turn.answer.text:
            messages = going_on(messages, turn.answer)
        provider_id, colon, name = (turn.answer.model or "").partition(":")
        if not colon:
            return sending(messages, turn.conversation.options)
        model = None if self._describe is None else self._describe(provider_id, name)
        return sending(messages, turn.conversation.options, provider_id, model=model)

    async def _keep(self, image: ImageReceived) -> ChatEvent:
        """Keep an image of an answer; a full disk must not end the answer."""
        if self._blobs is None:
            return Noted("images", "An image came with this answer and cannot be kept here.")
        try:
            digest = await self._blobs.put(image.data)
        except StorageError as error:
            return Noted("images", f"An image came with this answer and could not be kept. {error}")
        width, height = image_size(image.data) or (None, None)
        name = f"image.{image.mime.rpartition('/')[2].partition('+')[0] or 'png'}"
        return ImageKept(Attachment(digest, name, "image", image.mime, len(image.data), width, height))

    async def drain(self) -> None:
        """Wait until every answer that was being closed is written. Call before closing the database."""
        while self._closing:
            await asyncio.wait(set(self._closing))

    async def _close(self, writer: AnswerWriter, outcome: Outcome, answer_id: str) -> None:
        async def close() -> None:
            await writer.close(outcome)
            self.answered(answer_id)

        # A task of its own: a second cancel must not lose the end of an answer.
        task = asyncio.get_running_loop().create_task(close(), name="chat:close")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
        await outlasting(task)


def title_of(prompt: str, attachments: Sequence[Attachment] = ()) -> str:
    """The first words of a prompt, on one line, at most MAX_TITLE characters, cut at a word.

    Where nothing was written, what went along gives its name: a file, or the folder that files came from.
    """
    if not prompt.strip() and attachments:
        prompt = attachments[0].name.partition("/")[0]
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
