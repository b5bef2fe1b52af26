"""Voice sessions for the window: what it may ask for, and how everything stands. No Qt."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from aiproxy_desktop.audio.values import DeviceList, Direction, LevelReading
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.chat import title_of
from aiproxy_desktop.services.loop_thread import LoopThread
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.device_tests import DeviceTests, Testing
from aiproxy_desktop.services.voice.engine import VoiceEngine
from aiproxy_desktop.services.voice.functions import APP_FUNCTIONS
from aiproxy_desktop.services.voice.keeping import Keeper
from aiproxy_desktop.services.voice.planning import AskedOnLoop, changed_plan, plan_of
from aiproxy_desktop.services.voice.reports import HandOver, VoiceReport
from aiproxy_desktop.services.voice.session import MakeSession, SessionPlan, live_session
from aiproxy_desktop.services.voice.sound import SoundSystem
from aiproxy_desktop.services.voice.talk import Talk
from aiproxy_desktop.services.voice.values import (
    VoiceEntry,
    VoiceFigures,
    VoiceOffer,
    VoiceState,
    VoiceTurn,
)
from aiproxy_desktop.storage.records import Conversation
from aiproxy_desktop.storage.spoken import SpokenStore
from aiproxy_desktop.storage.voice_settings import VoiceSettings

_NOTHING = LevelReading()


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """What is not as it was: read it from the service. `entries_from` is the first entry that changed."""

    state: bool = False
    entries_from: int | None = None
    figures: bool = False


class VoiceService:
    """One session at a time. Everything is called and told on the loop that `open` ran in.

    Attributes:
        state: how the session stands.
        entries: what was said.
        figures: what it used.
        changed: told what changed; some sixty times a second at most, and less while the window is busy.
        noticed: told what is to be said once; the session goes on.
        kept: told each conversation that was written to.
        devices_changed: told that `devices` are others.
        tests_changed: told that `testing` is another.
    """

    def __init__(
        self,
        service_of: Callable[[VoiceOffer], LiveService | None],
        store: SpokenStore,
        sound: Callable[[], SoundSystem],
        recordings: Path,
        on_unexpected: Callable[[Exception], None],
        make_session: MakeSession = live_session,
    ) -> None:
        """Wire up; nothing runs before `open`.

        Args:
            service_of: whom to talk with for an offer: `VoiceModels.service_of`.
            store: where what was said is kept.
            sound: makes the owner of the devices, when it is first needed.
            recordings: the folder of recordings.
            on_unexpected: told of errors nobody planned for.
            make_session: makes the core's sessions.
        """
        self._service_of = service_of
        self._store = store
        self._make_sound = sound
        self._recordings = recordings
        self._on_unexpected = on_unexpected
        self._make_session = make_session
        self._scope = TaskScope("voice", on_unexpected)
        self._thread = LoopThread("voice engine")
        self._sound: SoundSystem | None = None
        self._engine: VoiceEngine | None = None
        self._tests: DeviceTests | None = None
        self._opening: asyncio.Task[None] | None = None
        self._until_open: list[Callable[[VoiceEngine], object]] = []
        self._plan: SessionPlan | None = None
        self._offer: VoiceOffer | None = None
        self._keeper: Keeper | None = None
        self._wants_keeping = True
        self._written_out: set[asyncio.Task[None]] = set()
        self._recorded: Path | None = None
        # Sessions and the times without one are counted: late news of one is not taken for another's.
        self._number = self._seen = 0
        self.state = VoiceState()
        self.entries: tuple[VoiceEntry, ...] = ()
        self.figures = VoiceFigures()
        self.changed: Subscribers[[VoiceChange]] = Subscribers()
        self.noticed: Subscribers[[AIProxyError]] = Subscribers()
        self.kept: Subscribers[[Conversation]] = Subscribers()
        self.devices_changed: Subscribers[[]] = Subscribers()
        self.tests_changed: Subscribers[[]] = Subscribers()

    async def open(self) -> None:
        """Look for the devices and be ready for a session. Opening twice is harmless."""
        if self._opening is None:
            self._opening = self._scope.start(self._open(), "open")
        await asyncio.wait([self._opening])

    async def close(self) -> None:
        """End the session, join every thread; all that was said is kept. Closing twice is harmless."""
        if self._opening is not None:
            await asyncio.wait([self._opening])
        engine, self._engine = self._engine, None
        if engine is not None:
            await self._thread.run(engine.close())
            # What it told last has been handed over; let it come in.
            await asyncio.sleep(0)
        if self._keeper is not None:
            await self._keeper.close()
        while self._written_out:
            await asyncio.wait(set(self._written_out))
        await self._scope.close()
        if self._sound is not None:
            await on_thread(self._sound.close, "sound")
        await self._thread.close()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        sound = self._sound = await on_thread(self._make_sound, "sound")
        sound.devices_changed(lambda _: _hand_over(loop, self.devices_changed))
        sound.start()
        self._tests = DeviceTests(sound, self._scope, self.tests_changed, self.noticed)
        self._thread.start()
        reports = HandOver(loop, self._reported)
        self._engine = await self._thread.run(self._make_engine(sound, reports))
        waiting, self._until_open = self._until_open, []
        for work in waiting:
            self._thread.call(work, self._engine)

    async def _make_engine(self, sound: SoundSystem, reports: HandOver) -> VoiceEngine:
        return VoiceEngine(sound, self._make_session, reports.put, self._on_unexpected)

    @property
    def devices(self) -> DeviceList:
        """The microphones and speakers there are now."""
        return DeviceList() if self._sound is None else self._sound.devices

    @property
    def functions(self) -> tuple[tuple[str, str], ...]:
        """The application's own functions: name and what each does."""
        return tuple((one.name, one.declaration.description) for one in APP_FUNCTIONS)

    @property
    def testing(self) -> Testing:
        """What a test of the devices does just now."""
        return "" if self._tests is None else self._tests.testing

    def level(self, direction: Direction) -> LevelReading:
        """What a meter shows now; cheap, for 30 times a second."""
        engine, tests = self._engine, self._tests
        if engine is None or tests is None:
            return _NOTHING
        tested = tests.level(direction)
        if tested is not None:
            return tested
        return engine.microphone.level if direction == "input" else engine.speaker.level

    def places(self) -> Mapping[str, Path]:
        """Where the recording of the session is (`recording`); empty where there is none."""
        return {} if self._recorded is None else {"recording": self._recorded}

    # The session

    def start(self, settings: VoiceSettings, offer: VoiceOffer) -> None:
        """Begin a session; a conversation of its own. Nothing happens where one is under way.

        Whatever stands in its way is told by `state.error`.
        """
        if self.state.phase not in {"idle", "ended"}:
            return
        service = self._service_of(offer)
        if service is None:
            gone = AIProxyError(f"{offer.provider_label} is no longer there", "Choose another model.")
            self._set_state(VoiceState("ended", error=gone))
            return
        try:
            asked = AskedOnLoop(service, asyncio.get_running_loop())
            plan = plan_of(settings, offer, asked, self._recordings)
        except AIProxyError as error:
            self._set_state(VoiceState("ended", error=error))
            return
        self._put_away()
        self._plan, self._offer = plan, offer
        self._wants_keeping = settings.keep
        self._set_state(VoiceState("connecting"))
        if self._opening is None:
            self._opening = self._scope.start(self._open(), "open")
        self._number += 1
        number = self._number
        self._tell_engine(lambda engine: engine.start(plan, number))

    def end(self) -> None:
        """End it; what was said stays in sight."""
        self._tell_engine(lambda engine: engine.end())

    def new(self) -> None:
        """Put the ended session away."""
        if self.state.phase == "ended":
            self._put_away()
            self._number += 1
            number = self._number
            self._tell_engine(lambda engine: engine.new(number))

    def press(self) -> None:
        """Push to talk: the person begins to speak. Kept until the session is ready; `start` comes first."""
        self._do(Talk.press)

    def release(self) -> None:
        """Push to talk: the person has spoken."""
        self._do(Talk.release)

    def set_muted(self, muted: bool) -> None:
        """Hands-free: send no sound."""
        self._do(lambda talk: talk.set_muted(muted))

    def stop_answer(self) -> None:
        """Have the model fall silent."""
        self._do(lambda talk: talk.cut(stopped=True))

    def say(self, text: str) -> None:
        """Send a turn in writing; `start` comes first."""
        self._do(lambda talk: talk.say(text))

    def allow(self, call_id: str, *, always: bool = False) -> None:
        """Let a function run with the arguments that are shown; `always`: ask no more in this session."""
        self._do(lambda talk: talk.desk.allow(call_id, always=always))

    def deny(self, call_id: str) -> None:
        """Tell the model that the person does not want that."""
        self._do(lambda talk: talk.desk.deny(call_id))

    def answer_call(self, call_id: str, result: str) -> None:
        """Answer a call by hand: JSON or plain text."""
        self._do(lambda talk: talk.desk.answer_by_hand(call_id, result))

    def change(self, settings: VoiceSettings) -> None:
        """Other settings: what a session under way can take is changed in it, the rest in the next one."""
        self._wants_keeping = settings.keep
        if self._plan is None or self._offer is None or self.state.phase in {"idle", "ended"}:
            return
        try:
            plan = changed_plan(self._plan, settings, self._offer, self._recordings)
        except AIProxyError as error:
            self.noticed(error)
            return
        if plan != self._plan:
            self._plan = plan
            self._tell_engine(lambda engine: engine.change(plan))

    # The devices

    def test_microphone(self, settings: VoiceSettings) -> None:
        """Record for three seconds, then play it back; `testing` tells. Another test ends it."""
        if self._tests is not None:
            self._tests.microphone(settings.microphone, settings.speaker, settings.volume / 100)

    def test_speaker(self, settings: VoiceSettings) -> None:
        """Play a short sound."""
        if self._tests is not None:
            self._tests.speaker(settings.speaker, settings.volume / 100)

    # From and to the engine

    def _do(self, work: Callable[[Talk], object]) -> None:
        self._tell_engine(lambda engine: engine.do(work))

    def _tell_engine(self, work: Callable[[VoiceEngine], object]) -> None:
        if self._engine is None:
            self._until_open.append(work)
        else:
            self._thread.call(work, self._engine)

    def _reported(self, report: VoiceReport) -> None:
        if report.number != self._number:
            return
        entries_from = report.changed_from
        if self._seen != report.number:
            self._seen, entries_from = report.number, 0
        if entries_from is not None:
            self.entries = report.entries
        self._keep(replace(report, changed_from=entries_from))
        figures = report.figures != self.figures
        self.figures = report.figures
        if report.recording is not None:
            self._recorded = report.recording
        state = self._named(report.state)
        change = VoiceChange(state != self.state, entries_from, figures)
        self.state = state
        if change != VoiceChange():
            self.changed(change)
        for notice in report.notices:
            self.noticed(notice)

    def _named(self, state: VoiceState) -> VoiceState:
        conversation = None if self._keeper is None else self._keeper.conversation
        title = conversation.title if conversation is not None else ""
        if not title:
            spoken = (one for one in self.entries[:8] if isinstance(one, VoiceTurn) and one.role == "user")
            title = next((title_of(one.text) for one in spoken if one.text.strip()), "")
        return replace(state, conversation_id=None if conversation is None else conversation.id, title=title)

    def _set_state(self, state: VoiceState) -> None:
        if state != self.state:
            self.state = state
            self.changed(VoiceChange(state=True))

    # Keeping

    def _keep(self, report: VoiceReport) -> None:
        if not self._wants_keeping or self._offer is None or report.state.phase == "idle":
            return
        changed_from = report.changed_from
        if self._keeper is None:
            changed_from = 0
            self._keeper = Keeper(
                *(self._store, self._offer.reference, self._offer.facts),
                *(self._has_kept, self.noticed, self._on_unexpected),
            )
        if changed_from is not None or report.usages:
            place = len(self.entries) if changed_from is None else changed_from
            self._keeper.take(self.entries, place, report.usages)

    def _has_kept(self, conversation: Conversation) -> None:
        self.kept(conversation)
        self._set_state(self._named(self.state))

    def _put_away(self) -> None:
        """The session before: what is still to be written of it is written."""
        keeper, self._keeper, self._recorded = self._keeper, None, None
        if keeper is not None and not self._scope.closed:
            writing = self._scope.start(keeper.close(), "keep")
            self._written_out.add(writing)
            writing.add_done_callback(self._written_out.discard)


def _hand_over(loop: asyncio.AbstractEventLoop, work: Callable[[], object]) -> None:
    try:
        loop.call_soon_threadsafe(work)
    except RuntimeError:
        return  # the loop has ended, and with it whoever would hear
