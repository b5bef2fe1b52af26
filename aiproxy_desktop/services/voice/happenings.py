"""The events of a session, as moves of a talk."""

from __future__ import annotations

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    CodeRun,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    InputTranscript,
    Interrupted,
    LiveEvent,
    LiveUsage,
    OutputTranscript,
    Reconnected,
    SearchMade,
    ServiceFailed,
    SpeechStarted,
    SpeechStopped,
    TurnDone,
    UsageReported,
)
from aiproxy_desktop.services.voice.answers import Answer
from aiproxy_desktop.services.voice.talk import Talk

# The service's words for an answer that ended as it should, or because the person cut in.
_NO_REMARK = frozenset(
    {"", "connection", "cancelled", "interrupted", "turn_detected", "client_cancelled", "completed"}
)


class Happenings:
    """Takes the events of one session in their order."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk
        self._last: Answer | None = None
        self._interrupted = False  # the answer under way, whether anything of it came or not
        self._awaited_since = False  # and another one is awaited since

    def take(self, event: LiveEvent) -> None:
        """One event."""
        talk = self._talk
        match event:
            case AudioDelta(data, item):
                answer = self._answer(item)
                talk.play(answer, data)
            case AnswerText(text):
                talk.transcript.answer_text(self._answer(), text, talk.clock(), spoken=False)
            case OutputTranscript(text):
                self._words(text)
            case InputTranscript():
                self._heard(event)
            case AnswerStarted(item):
                self._begin(item)
            case Interrupted():
                # Where it was cut from here already, there is nothing left to cut.
                talk.interrupted()
                self._interrupted, self._awaited_since = True, talk.awaiting
            case GenerationDone():
                talk.finish_sound()
            case TurnDone(reason):
                self._done(reason)
            case UsageReported(usage):
                self._count(usage)
            case _:
                self._take_other(event)
        talk.told()

    def _take_other(self, event: LiveEvent) -> None:
        talk = self._talk
        match event:
            case SpeechStarted():
                talk.cut()
                self._speech_ends()
                talk.speaking = talk.transcript.person_begins(talk.clock())
                talk.speaking_since = talk.clock()
            case SpeechStopped():
                self._speech_ends()
                talk.awaiting = True
            case FunctionCall():
                talk.desk.called(event)
            case FunctionCallsCancelled(ids):
                talk.desk.cancelled(ids)
            case SearchMade():
                talk.transcript.searched(event, talk.clock())
            case CodeRun():
                talk.transcript.ran(event, talk.clock())
            case ServiceFailed(error):
                talk.trouble(error)
            case Reconnected():
                self._reconnected(event)
            case _:
                return

    def _begin(self, item: str) -> Answer:
        talk = self._talk
        talk.awaiting = False
        answer = talk.transcript.answer
        if answer is not None and not answer.segments and not answer.void:
            answer.item = item or answer.item
            return answer
        if answer is not None:  # its end was not told
            talk.transcript.answer_whole(answer)
        self._last = talk.transcript.answer_begins(item, talk.clock())
        return self._last

    def _answer(self, item: str = "") -> Answer:
        answer = self._talk.transcript.answer
        if answer is None:
            return self._begin(item)
        answer.item = item or answer.item
        return answer

    def _heard(self, event: InputTranscript) -> None:
        talk = self._talk
        began = talk.transcript.heard_words(event, talk.clock(), hands_free=talk.hands_free)
        if began and talk.transcript.open and talk.transcript.answer is None:
            # The service has nothing left to interrupt, but its answer still plays.
            talk.cut()

    def _words(self, text: str) -> None:
        if not text:
            return
        # Transcripts come at their own pace, after the end of the answer too.
        answer = self._talk.transcript.answer or self._last or self._begin("")
        self._talk.transcript.answer_text(answer, text, self._talk.clock(), spoken=True)

    def _done(self, reason: str) -> None:
        talk = self._talk
        answer = talk.transcript.answer
        talk.awaiting = talk.awaiting and self._awaited_since
        interrupted, self._interrupted, self._awaited_since = self._interrupted, False, False
        talk.finish_sound()
        if answer is not None:
            cut = answer.void
            talk.transcript.answer_whole(answer)
            if reason.lower() not in _NO_REMARK and not cut:
                talk.transcript.remark("trouble", talk.clock(), f"The answer ended early ({reason}).")
        elif not interrupted:
            talk.transcript.nothing_came()

    def _count(self, usage: LiveUsage) -> None:
        answer = self._talk.transcript.answer or self._last
        key = answer.key if answer is not None else ""
        self._talk.figures.count(key, usage)
        if answer is not None and answer.segments:
            self._talk.usages[answer.segments[0].id] = usage

    def _speech_ends(self) -> None:
        talk = self._talk
        if talk.speaking:
            seconds = talk.clock() - talk.speaking_since
            talk.transcript.person_ended(talk.speaking, seconds)
            talk.figures.you_spoke += seconds
            talk.speaking = ""

    def _reconnected(self, event: Reconnected) -> None:
        talk = self._talk
        answer = talk.transcript.answer
        talk.transcript.sent_again()
        if event.restarted:
            if answer is not None and not answer.void:
                talk.silence()
                talk.transcript.restarted(answer)
                talk.awaiting = True
            talk.transcript.remark("restarted", talk.clock())
        else:
            talk.transcript.remark("changed" if event.reason == "changed" else "reconnected", talk.clock())
