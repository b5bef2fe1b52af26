"""What talking costs the whole application, and how soon it does as it is told. Prints JSON, in milliseconds.

The window, a private PulseAudio and Gemini Live in a process of its own; Space is held by xdotool.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.audio.pcm import samples_of
from aiproxy_desktop.audio.speaker import Speaker
from aiproxy_desktop.services.voice.engine import VoiceEngine
from tests.application import Person, running
from tests.audio_server import AudioServer, private_audio
from tests.benchmarks.images_window import Stalls
from tests.benchmarks.voice_server import ANSWER_SECONDS
from tests.qt_loop import qt_event_loop
from tests.ui.transcript_parts import xdotool
from tests.waiting import until

_ROUNDS = 15
_TALK_SECONDS = 10
_LOUD = 200


class _Server:
    """The service's process, and what it has told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.voice_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def order(self, words: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()

    def times(self, what: str) -> list[float]:
        return [one["at"] for one in self.told if one["what"] == what]

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._thread.join()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.told.append(json.loads(line))


class _Watch(QObject):
    """Notes when a key came, when sound was handed over, and when the speaker was told to be silent."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[float] = []
        self.chunks: dict[int, float] = {}
        self.flushes: list[float] = []
        heard, flush = VoiceEngine._chunk_heard, Speaker.flush

        def chunk_heard(engine: VoiceEngine, pcm: bytes) -> None:
            self.chunks[zlib.crc32(pcm)] = time.monotonic()
            heard(engine, pcm)

        def flushed(speaker: Speaker) -> Any:
            found = flush(speaker)
            self.flushes.append(time.monotonic())
            return found

        VoiceEngine._chunk_heard = chunk_heard  # type: ignore[method-assign, assignment]  # for this process alone
        Speaker.flush = flushed  # type: ignore[method-assign, assignment]  # likewise

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self.keys.append(time.monotonic())
        return False


async def _hold(seconds: float) -> None:
    await xdotool("keydown", "space")
    await asyncio.sleep(seconds)
    await xdotool("keyup", "space")


async def _talk(page: Any, audio: AudioServer) -> dict[str, float]:
    """Ten seconds of talking: the application's share of a core, and the window's longest stall."""
    speech = asyncio.ensure_future(asyncio.to_thread(audio.say, "one two three four five six seven " * 6))
    await xdotool("keydown", "space")
    await until(lambda: page.view_model.state.phase == "ready", "the session")
    await asyncio.sleep(1.0)
    cpu, began = time.process_time(), time.monotonic()
    await asyncio.sleep(_TALK_SECONDS)
    share = (time.process_time() - cpu) / (time.monotonic() - began) * 100
    stalls = Stalls()  # looking costs as well
    await asyncio.sleep(_TALK_SECONDS / 2)
    stall = await stalls.end()
    await xdotool("keyup", "space")
    await speech
    return {"cpu": share, "stall": stall}


async def _grows(times: Callable[[], list[float]], than: int) -> None:
    await until(lambda: len(times()) > than, "it happened")


async def _sounding(page: Any) -> None:
    await until(lambda: page.view_model.state.sounding, "the answer is heard")


async def _cut_by_key(page: Any, watch: _Watch) -> list[float]:
    """From the key's arrival to the speaker's being told to be silent."""
    found = []
    for _ in range(_ROUNDS):
        await _sounding(page)
        keys, flushes = len(watch.keys), len(watch.flushes)
        await _hold(0.3)
        await _grows(lambda: watch.flushes, flushes)
        found.append((watch.flushes[flushes] - watch.keys[keys]) * 1000)
    return found


async def _cut_by_service(page: Any, watch: _Watch, server: _Server) -> list[float]:
    """From the service's sending of an interruption to the speaker's being told to be silent."""
    found = []
    for _ in range(_ROUNDS):
        await _sounding(page)
        flushes, sent = len(watch.flushes), len(server.times("interrupted"))
        server.order("interrupt")
        await _grows(lambda: watch.flushes, flushes)
        await _grows(partial(server.times, "interrupted"), sent)
        found.append((watch.flushes[flushes] - server.times("interrupted")[sent]) * 1000)
        await _hold(0.3)
    return found


async def _move(page: Any, server: _Server) -> list[float]:
    """How long before the old connection's end the new one stood, while an answer plays."""
    found = []
    for _ in range(3):
        await _sounding(page)
        ready, gone = len(server.times("ready")), len(server.times("gone"))
        server.order("go away 2")
        await _grows(partial(server.times, "gone"), gone)
        await _grows(partial(server.times, "ready"), ready)
        found.append((server.times("gone")[gone] - server.times("ready")[ready]) * 1000)
        await until(lambda: page.view_model.state.phase == "ready", "ready again")
        await _hold(0.3)
    return found


async def _move_unheard(page: Any, server: _Server, audio: AudioServer) -> list[float]:
    """The longest silence in an answer, in milliseconds, as its connection is replaced while it plays.

    The notice is as long as its sound takes to come; a service that leaves sooner takes the rest with it.
    """
    found = []
    for _ in range(3):
        await until(lambda: not page.view_model.state.sounding, "silence")
        with audio.listening() as heard:
            await _hold(0.3)
            await _sounding(page)
            gone = len(server.times("gone"))
            server.order("go away 8")
            await _grows(partial(server.times, "gone"), gone)
            await until(lambda: not page.view_model.state.sounding, "the end of the answer")
            await asyncio.sleep(0.5)
            loud = [at for at, sample in enumerate(samples_of(heard.pcm)) if abs(sample) > _LOUD]
        found.append(max(after - at for at, after in pairwise(loud)) * 1000 / heard.rate)
        found_seconds = (loud[-1] - loud[0]) / heard.rate
        assert abs(found_seconds - ANSWER_SECONDS) < 1, f"an answer of {found_seconds} s was heard"
    return found


async def _measure(person: Person, audio: AudioServer, server: _Server, watch: _Watch) -> dict[str, Any]:
    await asyncio.sleep(3.0)  # what is loaded ahead is loaded
    began = time.thread_time()
    person.window.show_page("voice")
    person.window.repaint()
    found: dict[str, Any] = {"shown": (time.thread_time() - began) * 1000}
    page: Any = person.window.page("voice")
    await until(lambda: page.view_model.offer is not None and page.view_model.offer.ready, "the model")
    application = QApplication.instance()
    assert application is not None
    found |= await _talk(page, audio)
    application.installEventFilter(watch)
    found["key"] = await _cut_by_key(page, watch)
    found["service"] = await _cut_by_service(page, watch, server)
    found["moved"] = await _move(page, server)
    found["unheard"] = await _move_unheard(page, server, audio)
    sent = [(one["at"], one["sum"]) for one in server.told if one["what"] == "audio"]
    found["sent"] = [(at - watch.chunks[key]) * 1000 for at, key in sent if key in watch.chunks]
    application.removeEventFilter(watch)
    return found


async def _run(folder: Path) -> dict[str, Any]:
    server = _Server()
    try:
        await until(lambda: server.told, "the service")
        os.environ["GEMINI_API_KEY"] = "AIza-test-1234567890"
        os.environ["GOOGLE_GEMINI_BASE_URL"] = server.told[0]["url"]
        watch = _Watch()
        with private_audio() as audio:
            async with running(folder / "home") as person:
                return await _measure(person, audio, server, watch)
    finally:
        server.end()


def main() -> int:
    """Measure and print."""
    sys.setswitchinterval(0.0005)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=qt_event_loop) as runner:
        found = runner.run(_run(Path(folder)))
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
