"""Streams an answer into a database until it is killed, and says how far it has come.

    python -m tests.integration.streaming_process DATABASE PROMPT

Prints "begun", then for each piece that arrived a line: CLOCK_MONOTONIC in nanoseconds, characters so far.
"""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import aclosing
from pathlib import Path

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.events import Finished, TextDelta
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.chat import ChatService
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database

# Seconds between two pieces.
PACE = 0.005

# Every word is another, so that nothing can be missing in the middle unseen.
WORDS = tuple(f"{number} " for number in range(100_000))


async def main(path: Path, prompt: str) -> None:
    """Open, ask, stream for ever."""
    provider = ScriptedProvider((*map(TextDelta, WORDS), Finished("stop")), PACE)
    store = ConversationStore(await Database.open(path))
    await store.recover()
    chat = ChatService(store, CompletionClient(Registry((provider,))))
    turn = await chat.begin(prompt, "scripted:script")
    sys.stdout.write("begun\n")
    length = 0
    async with aclosing(chat.run(turn)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                length += len(event.text)
                sys.stdout.write(f"{time.monotonic_ns()} {length}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
