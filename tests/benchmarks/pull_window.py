"""CPU of one pull: the real service under a window that shows it. Prints JSON.

    python -m tests.benchmarks.pull_window URL SECONDS [without]

`without` leaves the window away, and runs on asyncio's own loop.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path

from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.providers.ollama.provider import OllamaProvider
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.services.downloads import Download, DownloadService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.downloads import DownloadStore
from aiproxy_desktop.storage.settings import SettingsStore
from tests.benchmarks.pull_flood import STEP

_SETTLE_SECONDS = 4.0


async def _nothing(_download: Download) -> None:
    return


async def _measure(url: str, seconds: float, *, window: bool) -> dict[str, float]:
    unexpected: list[Exception] = []
    async with AsyncExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        database = await Database.open(folder / "history.sqlite")
        opened.push_async_callback(database.close)
        registry, http = Registry(), HttpClient()
        opened.push_async_callback(http.aclose)
        registry.add(OllamaProvider(http, url))
        service = DownloadService(
            *(DownloadStore(database), registry, http, folder / "models", _nothing, unexpected.append)
        )
        opened.push_async_callback(service.close)
        await service.start()
        if window:
            settings = SettingsService(SettingsStore(folder / "settings.json"))
            opened.push_async_callback(_show(service, settings, unexpected.append))
        told = 0

        def tell(_downloads: tuple[Download, ...]) -> None:
            nonlocal told
            told += 1

        service.subscribe(tell)
        pull = service.pull("ollama", "llama3.2")
        await asyncio.sleep(_SETTLE_SECONDS)
        (before,) = service.downloads()
        assert before.completed, before
        told, cpu, began = 0, time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        used, passed = time.process_time() - cpu, time.monotonic() - began
        (after,) = service.downloads()
        service.cancel(pull.id)
    assert not unexpected, unexpected
    return {
        "percent": 100 * used / passed,
        "lines": (after.completed - before.completed) / STEP / passed,
        "told": told / passed,
    }


def _show(
    service: DownloadService, settings: SettingsService, on_unexpected: Callable[[Exception], None]
) -> Callable[[], Coroutine[None, None, None]]:
    """Show the strip in a window; the answer takes it away."""
    from PySide6.QtWidgets import QApplication

    from aiproxy_desktop.ui.models.downloads.strip import DownloadStrip
    from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
    from aiproxy_desktop.ui.theme.controller import ThemeController

    application = QApplication.instance()
    assert isinstance(application, QApplication)
    view_model = DownloadsViewModel(service, settings, on_unexpected)
    strip = DownloadStrip(ThemeController(application), view_model)
    strip.resize(900, 200)
    view_model.start()
    strip.show()

    async def away() -> None:
        await view_model.close()
        strip.close()

    return away


def main(url: str, seconds: float, *, window: bool) -> int:
    """Measure, and print."""

    async def measured() -> int:
        sys.stdout.write(json.dumps(await _measure(url, seconds, window=window)) + "\n")
        return 0

    if not window:
        return asyncio.run(measured())
    from PySide6.QtWidgets import QApplication

    from aiproxy_desktop.ui.shell.event_loop import run_on_qt

    return run_on_qt(QApplication(sys.argv[:1]), measured())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], float(sys.argv[2]), window="without" not in sys.argv))
