"""Where a live session's conversation stands: no connection is needed to know."""

from __future__ import annotations

from array import array

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AudioDelta,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    HandleReceived,
    InputTranscript,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    TurnDone,
    WireEvent,
)
from aiproxy_desktop.core.live.history import UNWRITTEN
from aiproxy_desktop.core.live.ledger import Ledger
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.values import SpokenTurn

LOUD = array("h", [9000, -9000] * 800).tobytes()  # a tenth of a second at 16 kHz
ANSWER = (AnswerStarted(), AudioDelta(bytes(480)), OutputTranscript("Hello"), GenerationDone(), TurnDone())


def ledger(policy: LivePolicy | None = None) -> Ledger:
    return Ledger(16_000, policy or LivePolicy())


def quiet(book: Ledger) -> bool:
    return book.quiet


def handle(book: Ledger) -> str | None:
    return book.good_handle


def happens(book: Ledger, *events: WireEvent, now: float = 0.0) -> list[LiveEvent]:
    return [told for event in events for told in book.take(event, now)]


def sent(book: Ledger, now: float = 0.0) -> list[str]:
    """Everything that is to be sent, by its kinds and words."""
    found: list[str] = []
    while (piece := book.log.take(now)) is not None:
        found.append(piece.text or piece.kind)
    return found


def ask(book: Ledger, text: str) -> None:
    book.log.text(text)
    assert sent(book) == [text]


def test_an_answered_turn_is_never_sent_again() -> None:
    book = ledger()
    ask(book, "First")
    assert happens(book, *ANSWER) == list(ANSWER)
    assert quiet(book)
    assert not book.lost()
    moved = book.moved(resumed=False)
    assert sent(book) == []
    assert moved.history == (SpokenTurn("user", "First"), SpokenTurn("model", "Hello"))
    assert not moved.restarted


def test_a_turn_whose_answer_broke_off_is_sent_again_as_a_whole() -> None:
    book = ledger()
    book.log.begin()
    book.log.audio(LOUD * 4, "push_to_talk")
    assert sent(book) == ["begin", "audio", "audio"]
    book.log.audio(LOUD, "push_to_talk")
    book.log.end()
    book.log.text("Then this")
    assert sent(book) == ["audio", "end", "Then this"]
    happens(book, *ANSWER[:3])
    moved = book.moved(resumed=True)
    assert moved.restarted
    assert moved.history == ()
    assert sent(book) == ["begin", "audio", "audio", "audio", "end", "Then this"]


def test_an_answer_that_had_come_as_a_whole_is_over_with_its_connection() -> None:
    book = ledger()
    ask(book, "First")
    happens(book, *ANSWER[:4])
    assert book.lost() == (TurnDone("connection"),)
    assert not book.moved(resumed=False).restarted
    assert sent(book) == []


def test_who_cuts_in_is_not_answered_by_the_end_of_what_was_cut_off() -> None:
    book = ledger()
    ask(book, "First")
    happens(book, AnswerStarted())
    ask(book, "Second")
    assert happens(book, Interrupted(), AudioDelta(b"12"), OutputTranscript("more"), TurnDone()) == [
        Interrupted(),
        TurnDone(),
    ]
    book.moved(resumed=False)
    assert sent(book) == ["Second"]


def test_a_handle_is_good_as_long_as_it_holds_everything() -> None:
    book = ledger()
    ask(book, "First")
    happens(book, *ANSWER, HandleReceived("one"), HandleReceived(None))
    assert handle(book) == "one"
    ask(book, "Second")
    assert handle(book) == "one"  # which is sent again
    happens(book, *ANSWER)
    assert handle(book) is None
    happens(book, HandleReceived("two"))
    assert handle(book) == "two"


def test_transcripts_come_when_they_like() -> None:
    book = ledger()
    for words in ("Good morning", "Good night"):
        book.log.begin()
        book.log.audio(LOUD, "push_to_talk")
        book.log.end()
        sent(book)
        happens(book, *ANSWER[:2], GenerationDone(), TurnDone())
        happens(book, OutputTranscript("Good"), OutputTranscript(" day"), InputTranscript(words[:4]))
        happens(book, InputTranscript(words[4:], finished=True))
    assert [turn.text for turn in book.talk.told()] == [
        "Good morning",
        "Good day",
        "Good night",
        "Good day",
    ]


def test_a_turn_without_a_transcript_has_its_place() -> None:
    book = ledger()
    book.log.begin()
    book.log.audio(LOUD, "push_to_talk")
    book.log.end()
    sent(book)
    happens(book, *ANSWER)
    assert book.talk.told()[0] == SpokenTurn("user", UNWRITTEN)


def test_of_a_long_conversation_the_newest_is_told() -> None:
    book = ledger(LivePolicy(history_chars=20))
    for number in range(10):
        ask(book, f"Question {number}")
        happens(book, *ANSWER)
    assert book.talk.told() == (SpokenTurn("user", "Question 9"), SpokenTurn("model", "Hello"))
    ask(book, "A question that is longer than all that is told")
    happens(book, TurnDone())
    assert book.talk.told() == (SpokenTurn("user", "er than all that is told"[-20:]),)


def test_of_an_answer_that_was_cut_what_was_heard_is_told() -> None:
    book = ledger()
    ask(book, "First")
    happens(book, AnswerStarted("item"), AudioDelta(bytes(48_000), "item"), OutputTranscript("0123456789"))
    book.cut("item", 500)
    assert happens(book, AudioDelta(bytes(480), "item"), Interrupted(), TurnDone()) == [
        Interrupted(),
        TurnDone(),
    ]
    assert book.talk.told()[1] == SpokenTurn("model", "01234")


def test_results_are_told_as_text_where_their_calls_are_not_known() -> None:
    book = ledger()
    ask(book, "What is the weather?")
    happens(book, HandleReceived("old"), AnswerStarted(), FunctionCall("a", "weather"))
    happens(book, FunctionCall("b", "time", {"zone": "UTC"}))
    assert handle(book) is None  # it does not hold the calls
    moved = book.moved(resumed=False)
    assert moved.history == (SpokenTurn("user", "What is the weather?"),)
    book.calls.answer("a", {"sky": "clear"})
    assert (book.calls.to_send(), book.calls.to_tell()) == ([], "")
    book.calls.answer("b", {"time": "noon"})
    text = book.calls.to_tell()
    assert '{"sky": "clear"}' in text
    assert 'time was run with {"zone": "UTC"}' in text


def test_a_handle_that_holds_the_calls_takes_their_results() -> None:
    book = ledger()
    ask(book, "What is the weather?")
    happens(book, AnswerStarted(), FunctionCall("a", "weather"), HandleReceived("new"))
    assert handle(book) == "new"
    assert not book.moved(resumed=True).restarted
    assert sent(book) == []
    book.calls.answer("a", {"sky": "clear"})
    assert [entry.call.id for entry in book.calls.to_send()] == ["a"]
    assert book.calls.to_send() == []
    happens(book, *ANSWER)
    assert quiet(book)


def test_calls_of_a_spoken_turn_that_nobody_wrote_down_are_taken_back() -> None:
    book = ledger()
    book.log.begin()
    book.log.audio(LOUD, "push_to_talk")
    book.log.end()
    sent(book)
    happens(book, AnswerStarted(), FunctionCall("a", "weather"))
    moved = book.moved(resumed=False)
    assert moved.events == (FunctionCallsCancelled(("a",)),)
    assert sent(book) == ["begin", "audio", "end"]
    assert book.calls.answer("a", {}) is False


def test_what_is_kept_of_sound_is_bounded() -> None:
    book = ledger(LivePolicy(kept_seconds=1.0, stream_seconds=1.0))
    book.log.begin()
    for _ in range(100):
        book.log.audio(LOUD, "push_to_talk")
    assert book.log.unsent_bytes == 32_000
    book.log.end()
    assert sent(book) == ["begin"] + ["audio"] * 10 + ["end"]


def test_hands_free_only_speech_is_kept() -> None:
    book = ledger()
    silence = bytes(3200)
    for _ in range(100):
        book.log.audio(silence, "hands_free")
        sent(book)
    assert quiet(book)
    (stream,) = book.log.turns
    assert stream.size <= 0.7 * 32_000
    book.log.audio(LOUD, "hands_free")
    sent(book)
    assert not quiet(book)
    happens(book, *ANSWER[:2])
    book.log.audio(LOUD, "hands_free")
    happens(book, *ANSWER[3:])
    book.moved(resumed=False)
    assert "".join(sent(book)) == "audio"  # what was said while the answer came


def test_a_turn_that_gets_no_answer_is_given_up() -> None:
    book = ledger()
    book.log.begin()
    book.log.end()
    assert sent(book) == ["begin", "end"]
    book.overdue(59.0)
    assert not quiet(book)
    book.overdue(61.0)
    assert quiet(book)
    assert book.talk.told() == ()
