"""The voice engine: the microphone, the speaker, and one live session at a time. Lives on its own loop.

Everything here runs on that loop, so that a busy window never delays sound. Streams call from threads of
their own and are handed over at once. The window hears of it by reports, at most some sixty a second.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias

from aiproxy_desktop.audio.recording import Recording
from aiproxy_desktop.audio.values import MicrophoneStream, SpeakerStream, StreamStatus
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import (
    LiveEvent,
    Reconnected,
    Reconnecting,
    SessionEnded,
    SessionReady,
)
from aiproxy_desktop.core.threads import on_thread, outlasting, start_on_thread
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.happenings import Happenings
from aiproxy_desktop.services.voice.reports import VoiceReport
from aiproxy_desktop.services.voice.session import MakeSession, SessionPlan
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.talk import Talk
from aiproxy_desktop.services.voice.values import Phase, VoiceFigures, VoiceState

# Seconds between two reports to the window, and between two looks at what is being played.
_REPORT_AFTER = 0.016
_TICK = 0.05

# Of the figures, at most so many times a second.
_FIGURES_EVERY = 0.25

_CLOSED = StreamStatus("closed")
_BUG = AIProxyError(
    "Something in the application went wrong", "Begin again; the log has the details. What was said is kept."
)

Report: TypeAlias = Callable[[VoiceReport], None]


class VoiceEngine:
    """Owns the streams, and the session with all its tasks. Every method is called on its loop."""

    def __init__(
        self,
        sound: SoundSystem,
        make_session: MakeSession,
        report: Report,
        on_unexpected: Callable[[Exception], None],
    ) -> None:
        """Make the streams; nothing is opened.

        Args:
            sound: where they come from.
            make_session: makes the core's sessions.
            report: told how everything stands.
            on_unexpected: told of errors nobody planned for.
        """
        self._loop = asyncio.get_running_loop()
        self._make_session = make_session
        self._report = report
        self._scope = TaskScope("voice engine", on_unexpected)
        self.microphone: MicrophoneStream = sound.microphone(self._chunk_heard, self._status_changed)
        self.speaker: SpeakerStream = sound.speaker(self._status_changed)
        self._talk: Talk | None = None
        self._running: asyncio.Task[None] | None = None
        self._phase: Phase = "idle"
        self._error: AIProxyError | None = None
        self._began: datetime | None = None
        self._zero = 0.0
        self._ran = 0.0
        self._reconnected_at: float | None = None
        self._notices: list[AIProxyError] = []
        self._reporting: asyncio.TimerHandle | None = None
        self._figures = VoiceFigures()
        self._counted = 0.0
        self._playing_now = False
        self._number = 0  # of the session, or of none at all, as the window counts them
        self._after: list[Callable[[], object]] = []  # asked for while a session was closing

    # The session

    def start(self, plan: SessionPlan, number: int) -> None:
        """Begin a session; nothing happens where one is under way.

        Args:
            plan: what it is.
            number: reports of it have this one.
        """
        if self._running is not None:
            self._wait_for_end(partial(self.start, plan, number))
            return
        self._number = number
        self._phase, self._error, self._reconnected_at = "connecting", None, None
        self._began, self._zero = datetime.now(UTC), time.monotonic()
        self._figures = VoiceFigures()
        session = self._make_session(plan.service, plan.options)
        talk = self._talk = Talk(
            *(plan, session, self.microphone, self.speaker, self._scope),
            *(self._clock, self._dirty, self._notice),
        )
        # The microphone listens from now on: a press costs nothing, and nothing of what is said is lost.
        self.microphone.open(plan.microphone, session.input_rate)
        self.speaker.set_volume(plan.volume)
        self.speaker.open(plan.speaker)
        self._running = self._scope.start(self._run(talk), "session")
        self._dirty()

    def end(self) -> None:
        """End it; what was said stays."""
        if self._running is not None and not self._running.cancelling():
            self._running.cancel()

    def new(self, number: int) -> None:
        """Put an ended session away; reports of there being none have this number."""
        if self._running is not None:
            self._wait_for_end(partial(self.new, number))
            return
        self._number = number
        self._talk, self._phase, self._error = None, "idle", None
        self._began, self._reconnected_at, self._figures = None, None, VoiceFigures()
        self._dirty()

    def do(self, work: Callable[[Talk], object]) -> None:
        """Have something done with the session under way; nothing where there is none."""
        if self._talk is None or self._running is None:
            return
        if self._phase == "ended":
            if self._after:  # it is meant for the session that follows
                self._after.append(partial(self.do, work))
            return
        work(self._talk)

    def change(self, plan: SessionPlan) -> None:
        """Other options, devices or loudness; a recording begins or ends."""
        talk = self._talk
        if talk is None or self._running is None or self._phase == "ended":
            self.do(lambda talk: talk.change(plan))
            return
        recorded = talk.plan.recording
        talk.change(plan)
        if recorded != plan.recording:
            work = self._begin_recording(talk) if plan.recording is not None else self._end_recording(talk)
            self._scope.start(work, "recording")

    def _wait_for_end(self, work: Callable[[], object]) -> None:
        if self._phase == "ended":
            self._after.append(work)

    async def close(self) -> None:
        """End everything; the streams' owner joins their threads."""
        self.end()
        await self._scope.close()
        if self._reporting is not None:
            self._reporting.cancel()
        self._tell()

    async def _run(self, talk: Talk) -> None:
        error: AIProxyError | None = None
        helpers: list[asyncio.Task[None]] = []
        try:
            await self._begin_recording(talk)
            helpers.append(self._scope.start(self._look(talk), "look"))
            await talk.session.start()
            self._set_phase("ready")
            helpers.append(self._scope.start(talk.out.run(), "tell"))
            happenings = Happenings(talk)
            async with aclosing(talk.session.events()) as events:
                async for event in events:
                    if isinstance(event, SessionEnded):
                        error = event.error
                        break
                    self._take(event)
                    happenings.take(event)
        except AIProxyError as failure:
            error = failure
        except Exception:
            error = _BUG
            raise
        finally:
            # A task of its own: a second cancel must not leave a connection or a file open.
            await self._ended(talk, error, helpers)

    async def _ended(self, talk: Talk, error: AIProxyError | None, helpers: list[asyncio.Task[None]]) -> None:
        for helper in helpers:
            helper.cancel()
        self._ran = self._clock()
        talk.end(error)
        self.microphone.close()
        self.speaker.close()
        self._figures = talk.figures.now(self._ran, 0.0)
        self._phase, self._error = "ended", error
        self._dirty()
        try:
            await talk.session.aclose()
        finally:
            await self._end_recording(talk)
            self._running = None
            after, self._after = self._after, []
            for work in after:
                work()
            self._dirty()

    async def _begin_recording(self, talk: Talk) -> None:
        if talk.plan.recording is None:
            return
        path, form = talk.plan.recording

        def make() -> Recording:
            path.parent.mkdir(parents=True, exist_ok=True)
            return Recording(path, form, on_problem=self._recording_stopped)

        making = start_on_thread(make, "recording")
        try:
            talk.recording = await outlasting(making)
        except OSError as error:
            self._notice(
                AIProxyError("There is no recording", f"Its file cannot be made ({error.strerror}).")
            )
        except asyncio.CancelledError:
            await asyncio.wait([making])
            if making.exception() is None:
                await on_thread(making.result().close, "recording")
            raise
        if self._phase == "ended" or not talk.wants_recording:
            await self._end_recording(talk)
        self._dirty()

    async def _end_recording(self, talk: Talk) -> None:
        recording, talk.recording = talk.recording, None
        if recording is not None:
            await on_thread(recording.close, "recording")
            self._dirty()

    def _take(self, event: LiveEvent) -> None:
        match event:
            case Reconnecting():
                self._set_phase("reconnecting")
            case Reconnected():
                self._reconnected_at = self._clock()
                self._set_phase("ready")
            case SessionReady():
                self._set_phase("ready")
            case _:
                return

    def _set_phase(self, phase: Phase) -> None:
        self._phase = phase
        self._dirty()

    async def _look(self, talk: Talk) -> None:
        """See what was played, while the session goes on."""
        while True:
            playing = talk.look()
            sounding = self.speaker.playing
            now = self._clock()
            if sounding != self._playing_now or now - self._counted >= _FIGURES_EVERY:
                self._playing_now, self._counted = sounding, now
                self._figures = talk.figures.now(now, playing)
                self._dirty()
            await asyncio.sleep(_TICK)

    # From threads of the audio

    def _chunk_heard(self, pcm: bytes) -> None:
        self._hand_over(partial(self.do, lambda talk: talk.chunk(pcm)))

    def _status_changed(self, status: StreamStatus) -> None:  # noqa: ARG002 - it is read when it is told
        self._hand_over(self._dirty)

    def _recording_stopped(self, sentence: str) -> None:
        title, _, rest = sentence.partition(": ")
        self._hand_over(partial(self._notice, AIProxyError(title, rest)))

    def _hand_over(self, work: Callable[[], None]) -> None:
        try:
            self._loop.call_soon_threadsafe(work)
        except RuntimeError:
            return  # the loop has ended

    # To the window

    def _clock(self) -> float:
        return time.monotonic() - self._zero

    def _notice(self, error: AIProxyError) -> None:
        self._notices.append(error)
        self._dirty()

    def _dirty(self) -> None:
        if self._reporting is None:
            self._reporting = self._loop.call_later(_REPORT_AFTER, self._tell)

    def _tell(self) -> None:
        self._reporting = None
        talk = self._talk
        notices, self._notices = tuple(self._notices), []
        report = VoiceReport(self._state(), number=self._number, figures=self._figures, notices=notices)
        if talk is not None:
            usages, talk.usages = talk.usages, {}
            changed = talk.transcript.take_changed()
            entries = tuple(talk.transcript.entries)
            recording = talk.recording.path if talk.recording is not None else None
            report = replace(
                report, entries=entries, changed_from=changed, usages=usages, recording=recording
            )
        self._report(report)

    def _state(self) -> VoiceState:
        talk, live = self._talk, self._running is not None and self._phase != "ended"
        return VoiceState(
            phase=self._phase,
            talking=live and talk is not None and talk.talking,
            muted=live and talk is not None and talk.muted,
            answering=live and talk is not None and talk.answering,
            sounding=live and self.speaker.playing,
            error=self._error,
            microphone=self.microphone.status if live else _CLOSED,
            speaker=self.speaker.status if live else _CLOSED,
            began=self._began,
            reconnected_at=self._reconnected_at,
            recording=live and talk is not None and talk.recording is not None,
        )
