from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadRecord, DownloadStore

AT = datetime(2026, 11, 26, 8, tzinfo=UTC)


async def test_downloads_are_kept_changed_and_forgotten(tmp_path: Path) -> None:
    db = await Database.open(tmp_path / "history.sqlite")
    store = DownloadStore(db)
    assert await store.all() == ()
    odd = DownloadRecord(
        "b", "file", "Odd \x00 \ud800", AT, url="https://x/\udcff", path="/\udcff", etag='"e"'
    )
    pull = DownloadRecord("a", "pull", "qwen3", AT, provider="ollama", completed=5, total=2**40)
    await store.save([odd, pull])
    assert await store.all() == (pull, odd)
    failed = replace(odd, state="spoiled", error_title="It broke", error_advice="Again.")
    await store.save([failed], gone=["a", "never there"])
    assert await store.all() == (failed,)
    await db.close()
