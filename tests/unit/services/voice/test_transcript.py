from __future__ import annotations

from aiproxy_desktop.core.live.events import FunctionCall, InputTranscript, SearchMade, Source
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.services.voice.exchanges import exchange_of, starts
from aiproxy_desktop.services.voice.transcript import Transcript
from aiproxy_desktop.services.voice.values import VoiceTurn

FACTS = LiveModelFacts("m", "gemini", 16_000)


def said(transcript: Transcript) -> list[tuple[str, str]]:
    return [(one.role, one.text) for one in transcript.entries if isinstance(one, VoiceTurn)]


def press(transcript: Transcript, at: float) -> str:
    turn = transcript.person_begins(at)
    transcript.person_ended(turn, 1.0)
    return turn


def hear(transcript: Transcript, text: str, *, finished: bool = False, hands_free: bool = False) -> None:
    transcript.heard_words(InputTranscript(text, finished), 0.0, hands_free=hands_free)


def answer(transcript: Transcript, text: str, *, ended: bool = True) -> None:
    begun = transcript.answer_begins("", 0.0)
    transcript.answer_sound(begun, 1_000, 0.0)
    transcript.answer_text(begun, text, 0.0, spoken=True)
    if ended:
        transcript.answer_whole(begun)
        transcript.played(begun)


def test_words_find_their_turn_however_late() -> None:
    late = Transcript()
    press(late, 0)
    answer(late, "One")
    press(late, 2)
    answer(late, "Two")
    hear(late, "first", finished=True)
    hear(late, "sec")
    hear(late, "ond", finished=True)
    assert said(late) == [("user", "first"), ("model", "One"), ("user", "second"), ("model", "Two")]


def test_words_find_their_turn_where_no_service_says_that_they_are_all() -> None:
    unmarked = Transcript()
    for text in ("first", "second", "third"):
        press(unmarked, 0)
        hear(unmarked, text)
        answer(unmarked, "Yes")
    assert [text for role, text in said(unmarked) if role == "user"] == ["first", "second", "third"]

    # A press in which nothing was said gets no words of the next one.
    silent = Transcript()
    press(silent, 0)
    press(silent, 1)
    answer(silent, "Yes", ended=False)
    hear(silent, "heard")
    assert [text for role, text in said(silent) if role == "user"] == ["", "heard"]

    # Until the answer was heard, words may come: only then there are none.
    first, _ = (one for one in silent.entries if isinstance(one, VoiceTurn) and one.role == "user")
    assert not first.wordless
    (open_one,) = silent.open
    silent.answer_whole(open_one)
    silent.played(open_one)
    assert [getattr(one, "wordless", None) for one in silent.entries] == [True, False, False]


def test_hands_free_turns_that_nobody_saw_begin_stand_before_their_answers() -> None:
    transcript = Transcript()
    answer(transcript, "Yes", ended=False)
    hear(transcript, "first", hands_free=True)
    (open_one,) = transcript.open
    transcript.answer_whole(open_one)
    transcript.played(open_one)
    # Even where they are written down once all of the answer was heard.
    answer(transcript, "Yes")
    hear(transcript, "second", hands_free=True)
    assert said(transcript) == [("user", "first"), ("model", "Yes"), ("user", "second"), ("model", "Yes")]
    assert {one.status for one in transcript.entries if isinstance(one, VoiceTurn)} == {"done"}


def test_searches_stand_before_what_rests_on_them_and_words_below_calls() -> None:
    transcript = Transcript()
    press(transcript, 0)
    begun = transcript.answer_begins("", 1)
    transcript.answer_text(begun, "One moment.", 1, spoken=True)
    transcript.searched(SearchMade(("tides",), (Source("A", "https://a.example"),)), 1)
    transcript.searched(SearchMade((), (Source("B", "https://b.example"),)), 1)
    transcript.function_called(FunctionCall("c", "now"), "{}", "done", 2)
    transcript.answer_text(begun, "It is ten.", 3, spoken=True)
    transcript.answer_sound(begun, 2_000, 3)
    kinds = [type(one).__name__ for one in transcript.entries]
    assert kinds == ["VoiceTurn", "VoiceCall", "VoiceTurn", "VoiceCall", "VoiceTurn"]
    search = transcript.entries[1]
    assert len(getattr(search, "sources", ())) == 2

    # Cut amid the second part: the first was heard, of the second a word or two.
    transcript.answer_whole(begun)
    transcript.cut(begun, 1_500, 5, stopped=True)
    first, second = (one for one in transcript.entries if isinstance(one, VoiceTurn) and one.role == "model")
    assert (first.status, second.status) == ("done", "cut")
    assert second.text[: second.heard] in {"It", "It is"}

    exchange = exchange_of(transcript.entries, {}, FACTS)
    assert exchange.outcome is not None
    assert exchange.answer == "One moment.\n\nIt is ten."
    assert any("tides" in note and "https://b.example" in note for note in exchange.outcome.notes)
    assert any("stopped it after" in note and "not played" in note for note in exchange.outcome.notes)
    assert [type(part).__name__ for part in exchange.outcome.parts] == [
        "Passage",
        "ToolCallPart",
        "ToolResultPart",
        "Passage",
    ]


def test_what_changed_is_told_by_its_first_entry() -> None:
    transcript = Transcript()
    for _ in range(50):
        press(transcript, 0)
        answer(transcript, "Yes")
    assert transcript.take_changed() == 0
    assert transcript.take_changed() is None
    answer(transcript, "More", ended=False)
    assert transcript.take_changed() == 100
    assert list(starts(transcript.entries)) == list(range(0, 100, 2))
