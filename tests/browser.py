"""A real Chromium, Debian's own, that a test drives; whom it asks, and what it complains of, is kept.

    async with browser(microphone=speech) as chromium:  # PCM16 mono, heard once when a page first listens
        page = await chromium.page("http://127.0.0.1:1234/demo")
        ...
    assert chromium.complaints == []

It hears and speaks through the test's own sound server where the fixture `audio_server` is there.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import wave
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright

PROGRAM = "chromium"

# It asks nobody for anything by itself, and a page may listen without a person's leave.
_ARGUMENTS = (
    *("--no-sandbox", "--no-first-run", "--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--use-fake-ui-for-media-stream", "--disable-dev-shm-usage"),
    # As for everybody: no page sounds before the person has done something.
    "--autoplay-policy=document-user-activation-required",
)

# What breaks the policy of a page is told to the page alone.
_WATCH = """
window.violations = [];
addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`), true);
"""


@dataclass
class Chromium:
    """A browser that runs.

    Attributes:
        asked: every address that was asked for, WebSockets among them.
        complaints: errors and warnings of pages, and requests that came to nothing.
    """

    context: BrowserContext
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    async def page(self, url: str) -> Page:
        """Open a page, and wait until it is loaded."""
        page = await self.context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("websocket", lambda socket: self.asked.append(socket.url))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._failed)
        page.on("console", self._said)
        await page.add_init_script(_WATCH)
        await page.goto(url)
        return page

    @property
    def hosts(self) -> set[str]:
        """Whom it has asked."""
        return {urlsplit(url).netloc for url in self.asked}

    def _said(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        self.complaints.append(f"{request.url}: {request.failure}")


@asynccontextmanager
async def browser(
    *, microphone: bytes = b"", rate: int = 48_000, wanted: Mapping[str, Any] | None = None
) -> AsyncIterator[Chromium]:
    """A browser of its own, without a window.

    Args:
        microphone: what is said into it, once, from when a page first listens; by default the usual beeps.
        rate: of that sound, samples a second.
        wanted: more for its context, as Playwright has it: `viewport`, `color_scheme`.
    """
    folder = Path(tempfile.mkdtemp(prefix="browser-"))
    arguments = [*_ARGUMENTS, "--use-fake-device-for-media-stream"]
    if microphone:
        speech = folder / "say.wav"
        _write(speech, microphone, rate)
        arguments.append(f"--use-file-for-fake-audio-capture={speech}%noloop")
    try:
        async with async_playwright() as driver:
            running = await _launch(driver.chromium, arguments, folder)
            context = await running.new_context(**(wanted or {}))
            context.set_default_timeout(60_000)
            try:
                yield Chromium(context)
            finally:
                await running.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _launch(kind: Any, arguments: list[str], folder: Path) -> Browser:
    running: Browser = await kind.launch(
        executable_path=shutil.which(PROGRAM),
        args=arguments,
        ignore_default_args=["--mute-audio"],
        env={**os.environ, "HOME": str(folder)},
        timeout=120_000,
    )
    return running


def _write(path: Path, pcm: bytes, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
