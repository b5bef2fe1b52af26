from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.settings import Settings, SettingsStore


@pytest.fixture
def store(tmp_path: Path) -> SettingsStore:
    return SettingsStore(tmp_path / "settings.json")


async def test_a_change_is_heard_of_once_and_written(store: SettingsStore) -> None:
    service = SettingsService(store)
    assert await service.load() == ""
    heard: list[Settings] = []
    stop = service.subscribe(heard.append)

    await service.update(theme="dark", sidebar_width=300)
    await service.update(theme="dark")
    stop()
    stop()
    await service.update(theme="light")

    assert heard == [Settings(theme="dark", sidebar_width=300)]
    assert store.load().settings == service.current == Settings(theme="light", sidebar_width=300)


async def test_many_changes_at_once_end_with_the_last(store: SettingsStore) -> None:
    service = SettingsService(store)
    await asyncio.gather(*(service.update(sidebar_width=width) for width in range(200, 240)))
    assert store.load().settings == service.current == Settings(sidebar_width=239)


async def test_a_change_nobody_waits_for_is_written_all_the_same(store: SettingsStore) -> None:
    service = SettingsService(store)
    cancelled = asyncio.ensure_future(service.update(theme="dark"))
    await asyncio.sleep(0)
    cancelled.cancel()
    await service.update(sidebar_width=300)
    assert store.load().settings == Settings(theme="dark", sidebar_width=300)


async def test_what_cannot_be_written_holds_for_this_run(tmp_path: Path) -> None:
    service = SettingsService(SettingsStore(tmp_path / "gone" / "settings.json"))
    with pytest.raises(StorageError):
        await service.update(theme="dark")
    assert service.current.theme == "dark"


async def test_the_notice_about_a_broken_file_is_passed_on(store: SettingsStore) -> None:
    await asyncio.to_thread(store.path.write_text, "{")
    service = SettingsService(store)
    assert "kept as" in await service.load()
    assert service.current == Settings()
