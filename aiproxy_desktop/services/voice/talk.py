"""One session while it goes on: what the person does and what happens, as effects on sound and service.

All of it runs on the engine's loop, and nothing of it waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aiproxy_desktop.audio.ramps import TalkRamp
from aiproxy_desktop.audio.recording import Recording
from aiproxy_desktop.audio.values import SAMPLE_BYTES, MicrophoneStream, SpeakerStream
from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.live.events import LiveUsage
from aiproxy_desktop.core.live.values import OUTPUT_RATE
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.answers import Answer
from aiproxy_desktop.services.voice.call_desk import CallDesk
from aiproxy_desktop.services.voice.figures_so_far import FiguresSoFar
from aiproxy_desktop.services.voice.session import Outgoing, Session, SessionPlan
from aiproxy_desktop.services.voice.transcript import Transcript

# Seconds for the microphone's last chunk to come after a release, and for a microphone that is just opening.
_LAST_CHUNK, _OPENING = 0.08, 1.5

# Seconds without a change before the service is told of other instructions.
_TYPED = 0.5


class Talk:
    """One session's state and moves.

    Attributes:
        transcript: what was said.
        figures: what it used.
        desk: its function calls.
        out: what the service is told.
        usages: counts that nobody was told of yet, by the id of the answer's first turn.
    """

    def __init__(
        self,
        plan: SessionPlan,
        session: Session,
        microphone: MicrophoneStream,
        speaker: SpeakerStream,
        scope: TaskScope,
        clock: Callable[[], float],
        told: Callable[[], None],
        notice: Callable[[AIProxyError], None],
    ) -> None:
        """Begin.

        Args:
            plan: what it begins with.
            session: not started yet.
            microphone: what is heard comes through `chunk`.
            speaker: open already.
            scope: owns tasks.
            clock: seconds of the session.
            told: called after every change.
            notice: told what is to be said once.
        """
        self.plan = plan
        self.session = session
        self.clock = clock
        self.told = told
        self.transcript = Transcript()
        self.figures = FiguresSoFar(plan.facts)
        self.out = Outgoing(session, self.trouble)
        self.desk = CallDesk(
            *(self.transcript, plan.functions, plan.declared, self._answer_call, scope, clock, told)
        )
        self.usages: dict[str, LiveUsage] = {}
        self.recording: Recording | None = None
        self.muted = False
        self.awaiting = False
        self.speaking = ""  # hands-free: the person's turn under way
        self.speaking_since = 0.0
        self._microphone = microphone
        self._speaker = speaker
        self._notice = notice
        self._rate = session.input_rate
        self._ramp = TalkRamp(self._rate)
        self._turn = ""
        self._pressed = self._begun = self._dropped = False
        self._spoken = 0
        self._closing: asyncio.TimerHandle | None = None
        self._updating: asyncio.TimerHandle | None = None

    @property
    def hands_free(self) -> bool:
        """Whether the service hears when the person speaks."""
        return self.plan.options.mode == "hands_free"

    @property
    def talking(self) -> bool:
        """Whether the person's sound is sent now."""
        if self.hands_free:
            return not self.muted and self._microphone.status.state == "open"
        return self._pressed

    @property
    def answering(self) -> bool:
        """Whether the model is being heard, or awaited."""
        return self.awaiting or any(not answer.void for answer in self.transcript.open)

    @property
    def wants_recording(self) -> bool:
        """Whether both sides are to be recorded, as the plan is now."""
        return self.plan.recording is not None

    # Push to talk

    def press(self) -> None:
        """The person begins to speak; whatever plays falls silent first."""
        if self._pressed or self.hands_free:
            return
        if self._microphone.status.state == "missing":
            self._say_no_microphone()
            return
        self._finish_press()
        self.cut()
        self._turn = self.transcript.person_begins(self.clock())
        self._pressed, self._begun, self._spoken = True, False, 0
        self._ramp.press()
        if self._microphone.status.state == "open":
            self._begin()
        self.told()

    def release(self) -> None:
        """The person has spoken. The chunk that is just being heard is still waited for."""
        if not self._pressed:
            return
        self._pressed = False
        waits_long = self._microphone.status.state in {"closed", "opening"} and not self._spoken
        wait = _OPENING if waits_long else _LAST_CHUNK
        self._closing = asyncio.get_running_loop().call_later(wait, self._finish_press)
        self.told()

    def chunk(self, pcm: bytes) -> None:
        """What the microphone hears."""
        if self.hands_free:
            if not self.muted:
                self._send(pcm)
        elif self._turn:
            if not self._begun:
                self._begin()
            self._send(self._ramp.passed(pcm))
            self._spoken += len(pcm)
            if not self._pressed:
                self._finish_press()

    def _begin(self) -> None:
        self._begun = True
        self.out.put(self.session.begin_turn)

    def _finish_press(self) -> None:
        """Send the end of what was said, where a press waits for that."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        turn, self._turn = self._turn, ""
        self._pressed = False
        if not turn:
            return
        tail = self._ramp.release()
        if not self._begun:  # not a sample was heard: nothing is sent, so nothing was said
            self.transcript.person_was_nothing(turn)
            self._say_no_microphone()
        else:
            if tail:
                self._send(tail)
            self.out.put(self.session.end_turn)
            seconds = self._spoken / SAMPLE_BYTES / self._rate
            self.transcript.person_ended(turn, seconds)
            self.figures.you_spoke += seconds
            self.awaiting = True
        self.told()

    def _send(self, pcm: bytes) -> None:
        if not pcm:
            return
        if self.recording is not None:
            self.recording.add_person(pcm, self._rate)
        if self.out.audio(pcm) or self._dropped:
            return
        self._dropped = True
        self._notice(
            AIProxyError("The service does not take what you say", "It is more than can wait. Speak later.")
        )

    def _say_no_microphone(self) -> None:
        status = self._microphone.status
        sentence = status.sentence or "No microphone is heard."
        self._notice(AIProxyError("Nothing was sent", sentence))

    # The rest of what the person does

    def set_muted(self, muted: bool) -> None:
        """Hands-free: send no sound."""
        if muted == self.muted:
            return
        self.muted = muted
        if muted and self.hands_free:
            self.out.put(self.session.end_audio)
        self.told()

    def say(self, text: str) -> None:
        """A turn in writing."""
        if not text.strip():
            return
        self.cut()
        self.transcript.typed(text, self.clock())
        self.out.put(lambda: self.session.send_text(text))
        self.awaiting = True
        self.told()

    def cut(self, *, stopped: bool = False) -> None:
        """The person wants no more of it: fall silent now, and tell the service what was heard.

        Args:
            stopped: whether the person only wants silence, and says nothing in its place.
        """
        awaited, self.awaiting = self.awaiting, False
        if not self._fall_silent(stopped=stopped) and awaited:
            self.out.put(lambda: self.session.cut("", 0))
        self.told()

    def interrupted(self) -> None:
        """The service cut its answer off. What is awaited since is another answer, which nobody cut."""
        self._fall_silent()
        self.told()

    def _fall_silent(self, *, stopped: bool = False) -> bool:
        """Fall silent, and tell the service what was heard of it. Whether it was saying anything."""
        heard = self._speaker.flush()
        if self.recording is not None:
            self.recording.cut_model()
        cut = [answer for answer in self.transcript.open if not answer.void]
        at = self.clock()
        keys = [answer.key for answer in cut]
        sounding = keys.index(heard.item) if heard.item in keys else 0
        for number, answer in enumerate(cut):
            if number < sounding:
                self._played(answer)
                continue
            milliseconds = heard.ms if answer.key == heard.item else 0
            self.figures.model_spoke += milliseconds / 1000
            self.transcript.cut(answer, milliseconds, at, stopped=stopped)
            self.out.put(partial(self.session.cut, answer.item, milliseconds))
        return bool(cut)

    def change(self, plan: SessionPlan) -> None:
        """Other options, devices or loudness."""
        former, self.plan = self.plan, plan
        if plan.options.mode != former.options.mode:
            self._finish_press()
            self.muted = False
        self.desk.offer(plan.functions, plan.declared)
        if plan.options != former.options:
            # Who talks otherwise from now on must be understood at once; what is typed letter by letter can
            # wait for its end.
            self._update_after(0.0 if plan.options.mode != former.options.mode else _TYPED)
        if (plan.volume, plan.speaker) != (former.volume, former.speaker):
            self._speaker.set_volume(plan.volume)
        if plan.speaker != former.speaker:
            self._speaker.open(plan.speaker)
        if plan.microphone != former.microphone:
            self._microphone.open(plan.microphone, self._rate)
        self.told()

    def _update_after(self, seconds: float) -> None:
        if self._updating is not None:
            self._updating.cancel()
        if seconds:
            self._updating = asyncio.get_running_loop().call_later(seconds, self._update)
        else:
            self._update()

    def _update(self) -> None:
        self._updating = None
        options = self.plan.options
        self.out.put(lambda: self.session.update(options))

    # What was played

    def play(self, answer: Answer, pcm: bytes) -> None:
        """More of an answer's sound, unless it was cut."""
        if answer.void:
            return
        self._speaker.play(pcm, answer.key)
        if self.recording is not None:
            self.recording.add_model(pcm)
        milliseconds = len(pcm) * 1000 / SAMPLE_BYTES / OUTPUT_RATE
        self.transcript.answer_sound(answer, milliseconds, self.clock())

    def finish_sound(self) -> None:
        """No more of the answer's sound comes: play what there is."""
        self._speaker.finish()

    def silence(self) -> None:
        """What is queued is void, and is not to be played; the answer comes again."""
        self._speaker.flush()
        if self.recording is not None:
            self.recording.cut_model()

    def look(self) -> float:
        """See which answers are over; how many seconds were heard of those that are not."""
        waiting = [answer for answer in self.transcript.open if not answer.void]
        if not waiting:
            return 0.0
        heard, playing = self._speaker.heard(), self._speaker.playing
        keys = [answer.key for answer in waiting]
        sounding = keys.index(heard.item) if heard.item in keys else 0
        for number, answer in enumerate(waiting):
            if not answer.under_way and (number < sounding or not playing):
                self._played(answer)
        return heard.ms / 1000 if heard.item in keys and self.transcript.open else 0.0

    def _played(self, answer: Answer) -> None:
        self.figures.model_spoke += answer.heard.received_ms / 1000
        self.transcript.played(answer)
        self.told()

    # Between

    def trouble(self, error: AIProxyError) -> None:
        """Something was refused; the session goes on."""
        self.transcript.remark("trouble", self.clock(), str(error))
        self.told()

    def end(self, error: AIProxyError | None) -> None:
        """It is over."""
        for timer in filter(None, (self._closing, self._updating)):
            timer.cancel()
        self._closing = self._updating = None
        heard = self._speaker.flush()
        keys = [answer.key for answer in self.transcript.open if not answer.void]
        self.figures.model_spoke += heard.ms / 1000 if heard.item in keys else 0.0
        self.transcript.end(broken=error is not None)
        self._turn = self.speaking = ""
        self._pressed = self.awaiting = False
        self.told()

    def _answer_call(self, call_id: str, result: Mapping[str, Any]) -> None:
        async def answer() -> None:
            try:
                await self.session.send_function_result(call_id, result)
            except InvalidRequestError:
                return  # it was taken back, or answered for us, a moment ago

        self.out.put(answer)
