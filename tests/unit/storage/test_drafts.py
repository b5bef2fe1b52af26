from __future__ import annotations

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.drafts import NEW_CHAT, NO_DRAFT, Draft, DraftStore
from aiproxy_desktop.storage.records import Attachment

SOUND = Attachment("cd" * 32, "Aufnähme.wav", "audio", "audio/wav", 99, seconds=1.5)


async def test_a_draft_comes_back_as_it_was(db: Database) -> None:
    drafts = DraftStore(db)
    for draft in (
        Draft("half \ud83d, \x00 and \u2028"),
        Draft("", (SOUND,)),
        Draft("with a file", (SOUND, SOUND)),
    ):
        await drafts.write(NEW_CHAT, draft)
        assert await drafts.read(NEW_CHAT) == draft
    assert await drafts.places() == {NEW_CHAT}


async def test_an_empty_draft_is_removed(db: Database) -> None:
    drafts = DraftStore(db)
    await drafts.write(NEW_CHAT, Draft("x"))
    await drafts.write(NEW_CHAT, NO_DRAFT)
    assert await drafts.places() == frozenset()
    assert await drafts.read(NEW_CHAT) == NO_DRAFT


async def test_a_draft_lives_and_dies_with_its_conversation(db: Database, store: ConversationStore) -> None:
    drafts = DraftStore(db)
    kept, gone = await store.create("kept"), await store.create("gone")
    for place in (kept.id, gone.id, NEW_CHAT):
        await drafts.write(place, Draft("x"))
    await store.delete(gone.id)
    assert await drafts.read(gone.id) == Draft("x")  # it can still be restored
    await store.purge(gone.id)
    assert await drafts.places() == {kept.id, NEW_CHAT}
    await drafts.write(gone.id, Draft("late"))
    assert await drafts.places() == {kept.id, NEW_CHAT}


async def test_attachments_that_cannot_be_read_are_left_out(db: Database) -> None:
    drafts = DraftStore(db)
    await drafts.write(NEW_CHAT, Draft("x", (SOUND,)))
    await db.run(lambda connection: connection.execute("UPDATE drafts SET attachments = '[{]'").rowcount)
    assert await drafts.read(NEW_CHAT) == Draft("x")
