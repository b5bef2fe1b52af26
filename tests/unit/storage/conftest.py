from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(tmp_path / "conversations.db")
    yield database
    await database.close()


@pytest.fixture
def store(db: Database) -> ConversationStore:
    return ConversationStore(db)
