"""The conversation as entries, folded from what happens in the session and what was played of it.

No clock of its own, no effects: whoever owns it says when things happened. An event costs the same however
long the conversation is; whoever wants the entries takes a copy of the list.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

from aiproxy_desktop.core.live.events import CodeRun, FunctionCall, InputTranscript, SearchMade
from aiproxy_desktop.services.voice.answers import Answer, Segment
from aiproxy_desktop.services.voice.heard import at_word_border
from aiproxy_desktop.services.voice.said import SaidTurns
from aiproxy_desktop.services.voice.values import (
    CallStatus,
    RemarkKind,
    VoiceCall,
    VoiceEntry,
    VoiceRemark,
    VoiceTurn,
)

E = TypeVar("E", VoiceTurn, VoiceCall, VoiceRemark)


class Transcript:
    """Entries in the order in which they belong, which is not always the one in which they come."""

    def __init__(self) -> None:
        self.entries: list[VoiceEntry] = []
        self._places: dict[str, int] = {}
        self._changed: int | None = None
        self._count = 0
        self._said = SaidTurns()
        self._searches: dict[str, str] = {}
        self._programs: list[str] = []
        self._called: list[str] = []
        # Answers of which something may still be to be heard; the last one may still be coming.
        self.open: list[Answer] = []
        self._latest: Answer | None = None
        self._unworded: list[str] = []  # spoken turns whose first words are awaited

    def take_changed(self) -> int | None:
        """The first entry that changed since this was last asked; None where none did."""
        changed, self._changed = self._changed, None
        return changed

    @property
    def answer(self) -> Answer | None:
        """The answer that is still coming."""
        return self.open[-1] if self.open and self.open[-1].under_way else None

    def call(self, call_id: str) -> VoiceCall | None:
        """A call by its id."""
        place = self._places.get(call_id)
        found = self.entries[place] if place is not None else None
        return found if isinstance(found, VoiceCall) else None

    # The person

    def person_begins(self, at: float) -> str:
        """The person begins to speak; the id of the turn."""
        turn = VoiceTurn(self._new_id("turn"), "user", at)
        self._append(turn)
        self._said.begin(turn.id)
        return turn.id

    def person_ended(self, turn_id: str, seconds: float) -> None:
        """The person has spoken for so long. Words may come later."""
        self._said.release(turn_id)
        self._unworded.append(turn_id)
        self._change(turn_id, VoiceTurn, status="done", seconds=seconds)

    def person_was_nothing(self, turn_id: str) -> None:
        """Nothing of that turn was sent."""
        self._said.forget(turn_id)
        self._remove(turn_id)

    def typed(self, text: str, at: float) -> str:
        """The person wrote a turn."""
        turn = VoiceTurn(self._new_id("turn"), "user", at, text, "done", typed=True)
        self._append(turn)
        return turn.id

    def heard_words(self, event: InputTranscript, at: float, *, hands_free: bool) -> bool:
        """More of what the person said, whenever it comes. Whether it begins a turn at the end."""
        count = len(self.entries)
        turn_id = self._said.turn_for(last=event.finished, stale=hands_free)
        if turn_id is None:
            # Push to talk: every turn is known, so these words are of one that has its words already.
            if not event.text.strip() or not hands_free:
                return False
            turn_id = self._unannounced(at)
        turn = self._turn(turn_id)
        if event.text and turn is not None:
            former = "" if self._said.has_words(turn_id) else turn.text
            text = former + event.text if former else event.text.lstrip()
            self._change(turn_id, VoiceTurn, text=text)
        if event.finished:
            self._said.finish(turn_id)
        return self._places.get(turn_id) == count

    def _unannounced(self, at: float) -> str:
        """A turn that nobody saw begin: it stands before the answer to it, where that has begun."""
        answer = self._latest
        turn = VoiceTurn(self._new_id("turn"), "user", at, status="live")
        if answer is not None and answer.segments and not answer.void and not answer.follows_person:
            answer.follows_person = True
            turn = replace(turn, at=min(at, answer.at), status="done")
            self._insert(self._places[answer.segments[0].id], turn)
        else:
            self._append(turn)
        self._said.begin(turn.id)
        if turn.status == "done":
            self._said.release(turn.id)
        return turn.id

    def nothing_came(self) -> None:
        """A turn of the person's was over without an answer."""
        self._said.nothing_came()
        self._await_no_words()

    def _await_no_words(self, until: float = math.inf) -> None:
        """Whatever was said up to a moment, and has no words by now, has none."""
        awaited = {turn_id: turn for turn_id in self._unworded if (turn := self._turn(turn_id)) is not None}
        self._unworded = [one for one, turn in awaited.items() if not turn.text and turn.at > until]
        for turn_id, turn in awaited.items():
            if not turn.text and turn.at <= until:
                self._change(turn_id, VoiceTurn, wordless=True)

    def sent_again(self) -> None:
        """Another connection: what was not answered may be written down once more."""
        self._said.sent_again()

    # The answer

    def answer_begins(self, item: str, at: float) -> Answer:
        """The model begins to answer."""
        self._count += 1
        last = self.entries[-1] if self.entries else None
        # What comes of a call answers the turn before that.
        follows = isinstance(last, VoiceCall) or (isinstance(last, VoiceTurn) and last.role == "user")
        answer = self._latest = Answer(f"answer-{self._count}", item, at, follows_person=follows)
        for turn_id in self._said.answered_by_new():
            self._change(turn_id, VoiceTurn, status="done")
        self.open.append(answer)
        return answer

    def answer_text(self, answer: Answer, text: str, at: float, *, spoken: bool) -> None:
        """More of its words; `spoken` is whether they are what its sound says."""
        if answer.void and not answer.segments:
            return
        answer.spoken = answer.spoken or spoken
        if not answer.segments or (answer.paused and not answer.void):
            if not answer.segments:
                text = text.lstrip() or text
            self._new_segment(answer, at)
        segment = answer.segments[-1]
        turn = self._turn(segment.id)
        if turn is not None:
            self._change(segment.id, VoiceTurn, text=turn.text + text)
        answer.heard.add_text(len(text))

    def answer_sound(self, answer: Answer, milliseconds: float, at: float) -> None:
        """More of its sound."""
        if not answer.segments:
            self._new_segment(answer, at)
        answer.heard.add_audio(milliseconds)

    def answer_whole(self, answer: Answer) -> None:
        """Nothing more of it comes; it may still be playing."""
        answer.under_way = False
        self._said.answer_done()
        if answer.void or not answer.sounding:
            self.played(answer)

    def played(self, answer: Answer) -> None:
        """All of it was heard, and it is over."""
        if answer in self.open:
            self.open.remove(answer)
        if not answer.void:
            self._close_segments(answer, answer.heard.characters)
            self._await_no_words(answer.at)

    def cut(self, answer: Answer, heard_ms: float, at: float, *, stopped: bool = False) -> None:
        """The person cut in, or only `stopped` it, when so much of it had been played."""
        if answer.void:
            return
        answer.void = True
        if not answer.under_way:
            self.open.remove(answer)
        if answer.sounding or answer.spoken:
            spoken = answer.heard.characters_at(heard_ms, whole=not answer.under_way)
        else:  # written, not spoken: all of it was seen
            spoken = answer.heard.characters
        self._close_segments(answer, spoken, at, heard_ms, stopped=stopped)

    def restarted(self, answer: Answer) -> None:
        """It comes again from its beginning: what had come of it is void, and out of sight."""
        for segment in answer.segments:
            self._remove(segment.id)
        answer.segments.clear()
        if answer in self.open:
            self.open.remove(answer)

    def _close_segments(
        self,
        answer: Answer,
        spoken: int,
        at: float | None = None,
        heard_ms: float = 0.0,
        *,
        stopped: bool = False,
    ) -> None:
        """Each part of the answer as it was heard; `at` is when the person cut in."""
        seconds = (heard_ms if at is not None else answer.heard.received_ms) / 1000
        for number, segment in enumerate(answer.segments):
            turn = self._turn(segment.id)
            if turn is None:
                continue
            heard = max(0, spoken - segment.begin)
            whole = heard >= len(turn.text) and number < len(answer.segments) - 1
            spent = seconds if number == 0 else 0.0
            if at is None or whole:
                self._change(segment.id, VoiceTurn, status="done", seconds=spent)
            else:
                border = at_word_border(turn.text, heard)
                told = {"status": "cut", "heard": border, "cut_at": at, "stopped": stopped, "seconds": spent}
                self._change(segment.id, VoiceTurn, **told)

    def _new_segment(self, answer: Answer, at: float) -> None:
        turn = VoiceTurn(self._new_id("turn"), "model", at)
        answer.segments.append(Segment(turn.id, answer.heard.characters))
        answer.paused = False
        self._append(turn)

    # Between the turns

    def function_called(self, call: FunctionCall, arguments: str, status: CallStatus, at: float) -> None:
        """The model wants a function run; what it says after that stands below the call."""
        answer = self.answer
        if answer is not None and answer.heard.characters:
            answer.paused = True
        self._called.append(call.id)
        self._append(VoiceCall(call.id, "function", at, call.name, arguments, status=status))

    def change_call(self, call_id: str, **changes: Any) -> None:
        """Another status or result of a call."""
        self._change(call_id, VoiceCall, **changes)

    def searched(self, search: SearchMade, at: float) -> None:
        """The service searched: that stands before the answer which rests on it."""
        answer = self.answer or (self.open[-1] if self.open else None)
        key = answer.key if answer is not None else ""
        former = self.call(self._searches.get(key, ""))
        name, queries = "search", "\n".join(search.queries)
        if former is not None and (not queries or not former.arguments or queries == former.arguments):
            known = {source.url for source in former.sources}
            fresh = tuple(source for source in search.sources if source.url not in known)
            self._change(
                former.id, VoiceCall, arguments=queries or former.arguments, sources=former.sources + fresh
            )
            return
        call = VoiceCall(self._new_id("search"), "search", at, name, queries, sources=search.sources)
        self._before(answer, call)
        self._searches = {key: call.id}

    def ran(self, program: CodeRun, at: float) -> None:
        """The service ran a program, or tells what came of the one before."""
        if program.code:
            call = VoiceCall(self._new_id("code"), "code", at, "code", program.code, status="running")
            self._before(self.answer, call)
            self._programs.append(call.id)
        elif self._programs:
            status: CallStatus = "done" if program.ok else "failed"
            self._change(self._programs.pop(0), VoiceCall, result=program.output, status=status)

    def remark(self, kind: RemarkKind, at: float, sentence: str = "") -> None:
        """A line between the turns; of reconnections in a row the last one stands."""
        last = self.entries[-1] if self.entries else None
        if kind == "reconnected" and isinstance(last, VoiceRemark) and last.kind == kind:
            self._change(last.id, VoiceRemark, at=at, sentence=sentence)
            return
        self._append(VoiceRemark(self._new_id("remark"), kind, at, sentence))

    def end(self, *, broken: bool) -> None:
        """The session is over: nothing more comes of what was under way."""
        for answer in self.open:
            if answer.void:
                continue
            for segment in answer.segments:
                unfinished = broken or answer.under_way
                self._change(segment.id, VoiceTurn, status="broken" if unfinished else "done")
        self.open.clear()
        for turn_id in self._said.answered_by_new():
            self._unworded.append(turn_id)
            self._change(turn_id, VoiceTurn, status="done")
        self._await_no_words()
        for call_id in (*self._called, *self._programs):
            call = self.call(call_id)
            if call is not None and call.status in {"asking", "waiting", "running"}:
                self.change_call(call_id, status="cancelled")

    # The list

    def _before(self, answer: Answer | None, entry: VoiceEntry) -> None:
        """In front of an answer, where it can be seen already; where it can't, at the end."""
        if answer is not None and answer.segments:
            self._insert(self._places[answer.segments[0].id], entry)
        else:
            self._append(entry)

    def _turn(self, turn_id: str) -> VoiceTurn | None:
        place = self._places.get(turn_id)
        found = self.entries[place] if place is not None else None
        return found if isinstance(found, VoiceTurn) else None

    def _new_id(self, kind: str) -> str:
        self._count += 1
        return f"{kind}-{self._count}"

    def _append(self, entry: VoiceEntry) -> None:
        self._places[entry.id] = len(self.entries)
        self._mark(len(self.entries))
        self.entries.append(entry)

    def _insert(self, place: int, entry: VoiceEntry) -> None:
        self.entries.insert(place, entry)
        self._renumber(place)

    def _remove(self, entry_id: str) -> None:
        place = self._places.pop(entry_id, None)
        if place is not None:
            del self.entries[place]
            self._renumber(place)

    def _renumber(self, place: int) -> None:
        for number in range(place, len(self.entries)):  # the tail, which is short
            self._places[self.entries[number].id] = number
        self._mark(place)

    def _change(self, entry_id: str, kind: type[E], **changes: Any) -> None:
        place = self._places.get(entry_id)
        entry = self.entries[place] if place is not None else None
        if place is None or not isinstance(entry, kind):
            return
        changed = replace(entry, **changes)
        if changed != entry:
            self.entries[place] = changed
            self._mark(place)

    def _mark(self, place: int) -> None:
        self._changed = place if self._changed is None else min(self._changed, place)
