"""Make the kept database of the current schema version."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.messages import OpaquePart, ToolCallPart, ToolResultPart
from aiproxy_desktop.storage.chat_options import ChatOptions
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadStore
from aiproxy_desktop.storage.drafts import Draft, DraftStore
from aiproxy_desktop.storage.image_records import ImageParent, NewImage
from aiproxy_desktop.storage.images import ImageStore
from aiproxy_desktop.storage.library import LibraryStore
from aiproxy_desktop.storage.migrations import MIGRATIONS
from aiproxy_desktop.storage.presets import Persona, PresetStore, Prompt
from aiproxy_desktop.storage.records import Attachment, Outcome, Passage
from tests.databases import FOLDER

PICTURE = Attachment("ab" * 32, "tree.png", "image", "image/png", 1234, 640, 480, tokens=410)
PARTS = (
    Passage("reasoning", 13),
    ToolCallPart("call 1", "look_up", '{"word": "tree"}'),
    ToolResultPart("call 1", "look_up", "a graph"),
    OpaquePart("openai", '"signed"'),
    Passage("text", 23),
)
BEGUN = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)
DOWNLOADS = (
    DownloadRecord("one", "pull", "llama3.2:3b", BEGUN, provider="ollama", completed=10, total=40),
    DownloadRecord(
        *("two", "file", "Odd \ud800 \U0001f332", BEGUN),
        url="https://example.com/tree.gguf",
        sha256="cd" * 32,
        path="models/tree.gguf",
        etag='"leaf"',
        completed=7,
        state="failed",
        error_title="The connection broke",
        error_advice="Try again.",
    ),
)
OPTIONS = ChatOptions(system="You know trees.", temperature=0.5, effort="low", web_search=True)
IMAGE = NewImage(
    *("generated", "image/png", 1024, 768, "tree.png", "A tree \ud800 \U0001f332", "openai:gpt-image-2"),
    parameters={"size": "1024x768", "quality": "high"},
    cost=0.125,
    input_tokens=12,
    output_tokens=4160,
    run="one",
    group="together",
)


async def fill(path: Path) -> None:
    """Write what the tests of migrations look for: a tree, an error, a cut answer, odd text, settings."""
    db = await Database.open(path)
    store = ConversationStore(db)
    first = await store.add_turn("What is a tree?", "openai:gpt-6-luna", title="What is a tree?")
    await store.append(first.answer.id, "A graph without ", "Let me think.")
    await store.finish(
        first.answer.id,
        Outcome(
            "complete",
            finish_reason="stop",
            usage=Usage(5, 4, 1, 2),
            notes=("It was asked twice.",),
            attachments=(PICTURE,),
            parts=PARTS,
            cost=0.25,
        ),
        "cycles.",
    )
    other = await store.add_answer(first.answer.id, "ollama:llama3.2:3b")
    await store.finish(
        other.answer.id, Outcome("failed", error_title="Ollama cannot be reached", error_advice="Start it.")
    )
    odd = await store.add_turn("Odd \x00 \ud800 \U0001f332", "builtin:smollm2-135m", title="Odd \U0001f332")
    await store.append(odd.answer.id, "This was still ")
    await store.append(odd.answer.id, "arriving")
    library, presets = LibraryStore(db), PresetStore(db)
    folder = await library.create_folder("Trees")
    await library.move(first.conversation.id, folder.id)
    await library.set_pinned(first.conversation.id, pinned=True)
    await store.set_options(first.conversation.id, OPTIONS)
    await DraftStore(db).write(first.conversation.id, Draft("And a forest?", (PICTURE,)))
    await presets.save_prompt(Prompt("Explain", "Explain {{what}}."))
    await presets.save_persona(Persona("Botanist", OPTIONS))
    await DownloadStore(db).save(DOWNLOADS)
    await fill_images(ImageStore(db))
    await db.close()


async def fill_images(images: ImageStore) -> None:
    """A version of an image, with its mask, a tag and a star; and one that was deleted."""
    first = await images.add(IMAGE, "1a" * 32, 2048)
    changed = replace(IMAGE, origin="edited", prompt="With a nest", parents=(ImageParent(first.id),))
    version = await images.add(changed, "2b" * 32, 4096, "3c" * 32)
    await images.set_tags(version.id, ["Forest", "Birds"])
    await images.set_favourite([version.id], True)
    gone = await images.add(IMAGE, "4d" * 32, 1)
    await images.delete([gone.id])


if __name__ == "__main__":
    target = FOLDER / f"v{MIGRATIONS[-1].version}.db"
    if target.exists():
        raise SystemExit(f"{target} exists, and is never written again")
    asyncio.run(fill(target))
