"""Make the kept database of the current schema version."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.migrations import MIGRATIONS
from aiproxy_desktop.storage.records import Outcome
from tests.databases import FOLDER


async def fill(path: Path) -> None:
    """Write what the tests of migrations look for: a tree, an error, a cut answer, odd text."""
    db = await Database.open(path)
    store = ConversationStore(db)
    first = await store.add_turn("What is a tree?", "openai:gpt-6-luna", title="What is a tree?")
    await store.append(first.answer.id, "A graph without ", "Let me think.")
    await store.finish(
        first.answer.id,
        Outcome("complete", finish_reason="stop", usage=Usage(5, 4), notes=("It was asked twice.",)),
        "cycles.",
    )
    other = await store.add_answer(first.answer.id, "ollama:llama3.2:3b")
    await store.finish(
        other.answer.id, Outcome("failed", error_title="Ollama cannot be reached", error_advice="Start it.")
    )
    odd = await store.add_turn("Odd \x00 \ud800 \U0001f332", "builtin:smollm2-135m", title="Odd \U0001f332")
    await store.append(odd.answer.id, "This was still ")
    await store.append(odd.answer.id, "arriving")
    await db.close()


if __name__ == "__main__":
    target = FOLDER / f"v{MIGRATIONS[-1].version}.db"
    if target.exists():
        raise SystemExit(f"{target} exists, and is never written again")
    asyncio.run(fill(target))
