"""What people and the application do to a history, in any order, for property tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from hypothesis import strategies as st

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import OpaquePart, ToolCallPart, ToolResultPart
from aiproxy_desktop.storage.archives import ArchiveStore
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.errors import MissingConversationError
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.records import (
    Attachment,
    Conversation,
    DeletedBranch,
    Outcome,
    Passage,
    StoredMessage,
    StoredPart,
)

# Words that are found as they are, and what is hard on an index.
WORDS = ("thyme", "sage", "Äpfel", "x\x00y", "\ud800", "日本", "C++", "")

# (what, on which of what there is, a word)
Act: TypeAlias = tuple[str, int, str]

PARTS: tuple[StoredPart, ...] = (
    Passage("reasoning", 2),
    ToolCallPart("1", "look", '{"at": "box"}'),
    ToolResultPart("1", "look", "herbs", True),
    OpaquePart("anthropic", "c2lnbmVk"),
    Passage("text", 3),
)


@dataclass
class Life:
    """One history and what was done to it so far."""

    db: Database
    store: ConversationStore
    library: LibraryStore
    archives: ArchiveStore
    conversations: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    branches: list[DeletedBranch] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, db: Database) -> Life:
        """A life whose clock goes on by a second a look."""
        ticks = iter(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n) for n in range(1_000_000))
        store = ConversationStore(db, lambda: next(ticks))
        return cls(db, store, LibraryStore(db, lambda: next(ticks)), ArchiveStore(db))

    async def act(self, acts: Sequence[Act]) -> None:
        """Do all of it; what is done to something that is gone is refused, as it should be."""
        for what, which, word in acts:
            try:
                await getattr(self, f"_{what}")(which, word)
            except MissingConversationError:
                continue

    def _one(self, which: int) -> str:
        return self.conversations[which % len(self.conversations)] if self.conversations else "none"

    def _message(self, which: int) -> str:
        return self.messages[which % len(self.messages)] if self.messages else "none"

    async def _begin(self, which: int, word: str) -> None:
        options = ChatOptions(system=word.replace("\ud800", ""), temperature=0.5, json_mode=which % 2 == 0)
        turn = await self.store.add_turn(
            f"{word} begins", "p:m", title=word, options=options, attachments=_files(which)
        )
        self._note(turn.conversation, turn.question, turn.answer)

    async def _ask(self, which: int, word: str) -> None:
        turn = await self.store.add_turn(word, "p:m", conversation_id=self._one(which))
        self._note(None, turn.question, turn.answer)

    async def _edit(self, which: int, word: str) -> None:
        old = await self.store.message(self._message(which))
        turn = await self.store.add_turn(
            f"{word} instead",
            "p:m",
            conversation_id=old.conversation_id,
            version_of=old.id,
            attachments=_files(which),
        )
        self._note(None, turn.question, turn.answer)

    async def _regenerate(self, which: int, word: str) -> None:
        turn = await self.store.add_answer(self._message(which), f"p:{len(word)}", go_on=which % 3 == 0)
        self._note(None, turn.answer)

    async def _arrive(self, which: int, word: str) -> None:
        await self.store.append(self._message(which), word, "hm")

    async def _finish(self, which: int, word: str) -> None:
        at = datetime(2026, 2, 1, 12, 0, 0, which, tzinfo=UTC)
        outcome = Outcome(
            "complete" if which % 2 else "failed",
            error_title="" if which % 2 else f"No {word}",
            usage=Usage(which, 7, 3, None),
            finish_reason="stop",
            first_token_at=at,
            thought_until=at,
            notes=("A note.",),
            cost=which / 7,
            parts=PARTS if which % 3 == 0 else (),
            attachments=_files(which),
        )
        await self.store.finish(self._message(which), outcome, f" {word} ends")

    async def _compare(self, which: int, word: str) -> None:
        turns = await self.store.add_comparison(word, ["p:a", "p:b"], conversation_id=self._one(which))
        self._note(None, *(turn.answer for turn in turns))

    async def _copy(self, which: int, _word: str) -> None:
        self._note(await self.store.copy_branch(self._message(which)))

    async def _select(self, which: int, _word: str) -> None:
        await self.store.select(self._message(which))

    async def _cut(self, which: int, _word: str) -> None:
        self.branches.append(await self.store.delete_branch(self._message(which)))

    async def _uncut(self, which: int, _word: str) -> None:
        if self.branches:
            await self.store.restore_branch(self.branches.pop(which % len(self.branches)))

    async def _burn(self, which: int, _word: str) -> None:
        if self.branches:
            await self.store.purge_branch(self.branches.pop(which % len(self.branches)))

    async def _delete(self, which: int, _word: str) -> None:
        await self.store.delete(self._one(which))

    async def _restore(self, which: int, _word: str) -> None:
        await self.store.restore(self._one(which))

    async def _purge(self, which: int, _word: str) -> None:
        await self.store.purge(self._one(which))

    async def _rename(self, which: int, word: str) -> None:
        await self.store.rename(self._one(which), word)

    async def _shelve(self, which: int, word: str) -> None:
        folder = await self.library.create_folder(word)
        self.folders.append(folder.id)
        await self.library.move(self._one(which), folder.id)
        await self.library.set_pinned(self._one(which), pinned=which % 2 == 0)
        await self.library.set_archived(self._one(which), archived=which % 3 == 0)

    async def _unshelve(self, which: int, _word: str) -> None:
        if self.folders:
            await self.library.delete_folder(self.folders[which % len(self.folders)])

    async def _again(self, _which: int, _word: str) -> None:
        """The process was killed, and another one starts."""
        await self.store.recover()
        self.branches.clear()

    async def _take_in(self, which: int, word: str) -> None:
        """An import of what is here, with one message changed, so that all of it comes beside it."""
        from dataclasses import replace

        archived = await self.archives.read(self._one(which))
        if not archived.messages:
            return
        last = replace(archived.messages[-1], text=f"{archived.messages[-1].text} {word} imported")
        staging = self.archives.begin()
        added = await staging.add(replace(archived, messages=(*archived.messages[:-1], last)))
        if which % 3 == 0:
            await staging.drop()
        elif which % 3 == 1:
            await staging.publish()
            self.conversations += [added] if added else []
        # Else its process is killed.

    def _note(self, conversation: Conversation | None, *messages: StoredMessage) -> None:
        self.conversations += [] if conversation is None else [conversation.id]
        self.messages += [message.id for message in messages]


def _files(which: int) -> tuple[Attachment, ...]:
    if which % 4:
        return ()
    return (Attachment(f"{which:064x}", "box.png", "image", "image/png", 9, 640, 480, tokens=which),)


_ACTS = sorted(name[1:] for name in vars(Life) if name[:1] == "_" and name[1] != "_")
_ACTS = [name for name in _ACTS if name not in {"one", "message", "note"}]

ACTS: st.SearchStrategy[list[Act]] = st.lists(
    st.tuples(
        # Things must come to be before they can go.
        st.sampled_from([*_ACTS, "begin", "begin", "ask", "ask", "finish", "finish", "edit", "regenerate"]),
        st.integers(0, 40),
        st.sampled_from(WORDS),
    ),
    min_size=5,
    max_size=40,
)
