"""Titles for new conversations, from the model that answered."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Finished, StreamEvent, TextDelta
from aiproxy_desktop.core.messages import Effort, Message
from aiproxy_desktop.services.chat import MAX_TITLE
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.records import StoredMessage

_log = logging.getLogger(__name__)

# Tried on it: it goes on with the answer, or makes something up. The first words of the question say more.
_TOO_SMALL = frozenset({"builtin:smollm2-135m"})

# Characters of the question and of the answer: some 250 tokens in all.
_EXCERPT = 400
_MAX_TOKENS = 24
_SECONDS = 20.0
# What is not told in so few words is no title but talk about one.
_MOST_WORDS = 10

_PROMPT = """\
Write a title for this conversation, of two to six words, in the language of the question. \
Answer with the title alone, without quotation marks.

Question: {question}

Answer: {answer}"""

_WRAPPING = " \t\"'“”„‘’«»「」*_`#:.。-–—"
_LABEL = re.compile(r"^[\W_]*(?:title|titel|titre|título|titolo|标题|タイトル)[*_]*\s*[:：]", re.IGNORECASE)


class TitleCompletions(Protocol):
    """What titles need of the core's client; see `core.client.CompletionClient.stream`."""

    def stream(
        self,
        *,
        messages: Sequence[Message],
        model: str,
        temperature: float,
        max_tokens: int,
        effort: Effort,
    ) -> AbstractAsyncContextManager[AsyncIterator[StreamEvent]]:
        """Answer, event by event."""
        ...


class TitleService:
    """Asks once for each conversation, for a few tokens; the first words stay where nothing good comes."""

    def __init__(
        self,
        client: TitleCompletions,
        store: ConversationStore,
        library: LibraryStore,
        wanted: Callable[[], bool],
    ) -> None:
        """Wire it up.

        Args:
            client: asks models.
            store: where the question is.
            library: where the title goes.
            wanted: whether the person has it switched on, asked each time.
        """
        self._client = client
        self._store = store
        self._library = library
        self._wanted = wanted
        self._asked: set[str] = set()

    async def after(self, answer: StoredMessage) -> str | None:
        """After an answer: give its conversation a title, where it is the first whole one in a new one.

        Returns:
            the title as it stands in storage now; None where nothing changed, for whatever reason: nobody
            asked for it, so nobody is told.
        """
        if not self._due(answer):
            return None
        try:
            return await self._give_title(answer)
        except (AIProxyError, TimeoutError) as error:
            _log.info("no title from %s: %s", answer.model, error)
            return None

    async def _give_title(self, answer: StoredMessage) -> str | None:
        thread = await self._store.thread(answer.conversation_id, answer.id)
        if len(thread) != 2 or (await self._store.get(answer.conversation_id)).titled_by != "prompt":
            return None
        self._asked.add(answer.conversation_id)
        title = clean_title(await self._ask(_question(thread[0]), thread[1].text, answer.model or ""))
        if title and await self._library.title_by_model(answer.conversation_id, title):
            return title
        return None

    def _due(self, answer: StoredMessage) -> bool:
        whole = answer.status == "complete" and bool(answer.text.strip())
        fit = bool(answer.model) and answer.model not in _TOO_SMALL
        return whole and fit and answer.conversation_id not in self._asked and self._wanted()

    async def _ask(self, question: str, answer: str, model: str) -> str:
        prompt = _PROMPT.format(question=_excerpt(question), answer=_excerpt(answer))
        async with (
            asyncio.timeout(_SECONDS),
            self._client.stream(
                messages=[Message.of("user", prompt)],
                model=model,
                temperature=0.2,
                max_tokens=_MAX_TOKENS,
                effort="none",
            ) as events,
        ):
            return await _text(events)


async def _text(events: AsyncIterator[StreamEvent]) -> str:
    """The whole text; nothing where it was cut off, which a title never needs to be."""
    pieces: list[str] = []
    async for event in events:
        if isinstance(event, TextDelta):
            pieces.append(event.text)
        elif isinstance(event, Finished) and event.reason != "stop":
            return ""
    return "".join(pieces)


def clean_title(text: str) -> str:
    """What a model said, as a title on one line of at most MAX_TITLE characters; empty where it is none."""
    line = next((line for line in text.splitlines() if any(map(str.isalnum, line))), "")
    line = re.sub(r"\*\*|__|`", "", _LABEL.sub("", line))
    title = " ".join("".join(char if char.isprintable() else " " for char in line).split()).strip(_WRAPPING)
    if len(title.split()) > _MOST_WORDS or not any(map(str.isalnum, title)):
        return ""
    if len(title) <= MAX_TITLE:
        return title
    cut, space, _ = title[: MAX_TITLE - 1].rpartition(" ")
    return (cut if space else title[: MAX_TITLE - 1]).rstrip(_WRAPPING) + "…"


def _question(message: StoredMessage) -> str:
    """What was asked; the names of files that were sent without a word."""
    return message.text if message.text.strip() else ", ".join(one.name for one in message.attachments[:8])


def _excerpt(text: str) -> str:
    line = " ".join(text[: 2 * _EXCERPT].split())
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + " …"
