"""The transcript of a voice session: what it shows, how it scrolls, what it copies, and its calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QWidget

from aiproxy_desktop.audio.values import StreamStatus
from aiproxy_desktop.core.live.events import Source
from aiproxy_desktop.services.voice.values import VoiceCall, VoiceEntry, VoiceRemark, VoiceState, VoiceTurn
from aiproxy_desktop.ui.translation import use
from aiproxy_desktop.ui.voice.transcript.turn_block import TurnBlock
from tests.ui.test_translated_window import Marked, left_over
from tests.ui.voice_talk_parts import READY, Talk, talking
from tests.ui.words_seen import words_seen
from tests.waiting import until

SAID = VoiceTurn("u1", "user", 211, "When is low tide at Whitby?", "done")
HEARD = "Low tide is at ten forty, so set out at nine "
ANSWER = VoiceTurn(
    "m1", "model", 218, HEARD + "and have an hour on the sand", "cut", heard=len(HEARD), cut_at=9
)
LIVE = VoiceTurn("u2", "user", 232, "And is there a bus", "live")
SOURCES = (Source("Tide times", "https://tides.example/whitby"), Source("Harbour", "javascript:alert(1)"))
SEARCH = VoiceCall("c1", "search", 214, "google_search", "Whitby tide times", seconds=0.8, sources=SOURCES)
ASKS = VoiceCall("f1", "function", 240, "set_timer", '{"minutes": 10, "to": "a\u202eb"}', status="asking")
WAITS = VoiceCall("f2", "function", 241, "look_up", '{"order": 7}', status="waiting")


def _turns(count: int, start: int = 0) -> tuple[VoiceEntry, ...]:
    return tuple(
        VoiceTurn(
            f"t{n}", "model" if n % 2 else "user", 4.0 * n, f"Turn {n}. " + "Words and words. " * 9, "done"
        )
        for n in range(start, start + count)
    )


def _spoken(talk: Talk, index: int) -> str:
    entry = QAccessible.queryAccessibleInterface(talk.transcript).child(index)
    assert entry is not None
    return entry.text(QAccessible.Text.Name)


async def test_where_the_person_cut_in_stands_in_the_words_and_is_not_copied() -> None:
    async with talking(SAID, ANSWER, LIVE) as talk:
        assert _spoken(talk, 0) == "You said: When is low tide at Whitby?"
        assert "You cut in at 0:09. Not played: and have an hour" in _spoken(talk, 1)
        talk.asked.put(SAID, replace(ANSWER, stopped=True), LIVE)
        assert "Stopped at 0:09. Not played: and have an hour" in _spoken(talk, 1)
        # From the middle of one turn into the words of another that nobody heard.
        start, end = talk.place_of(0, "Whitby"), talk.place_of(1, "sand")
        await talk.point(start)
        await talk.keys("mousedown", "1")
        await talk.point(start + (end - start) / 2)
        await talk.point(end)
        await talk.keys("mouseup", "1")
        copied = "You (3:31): Whitby?\n\nGemini (3:38): " + ANSWER.text[: ANSWER.text.index("sand")]
        assert await talk.copied() == copied
        # The last turn, by keys alone.
        talk.transcript.select(None)
        talk.transcript.setFocus(Qt.FocusReason.TabFocusReason)
        await talk.keys("key", "Up", "Down")
        await until(lambda: talk.transcript.current == 2, "the keyboard is on the last turn")
        assert await talk.copied() == LIVE.text
        place = talk.place_of(1, "tide")
        await talk.point(place)
        await talk.keys("click", "3")
        await until(lambda: isinstance(QApplication.activePopupWidget(), QMenu), "the menu")
        await talk.keys("key", "Down", "Return")
        await until(lambda: QApplication.clipboard().text() == ANSWER.text, "the turn is copied")


async def test_it_follows_its_end_while_that_is_in_view() -> None:
    async with talking(*_turns(40)) as talk:
        transcript = talk.transcript
        talk.asked.put(replace(LIVE, text="Early"), first=40)
        for n in range(60):
            talk.asked.put(replace(LIVE, text="More and more words. " * n), first=40)
        await until(lambda: transcript.column.shown[-1].index == 40, "the end is in view")
        assert transcript.at_end
        transcript.verticalScrollBar().setValue(300)
        top = transcript.column.shown[0]
        talk.asked.put(replace(LIVE, text="Done. " * 400, status="done"), *_turns(3, 50), first=40)
        jump = transcript.findChild(QPushButton, "voice.jumpToLatest")
        assert jump is not None
        await until(jump.isVisible, "the way back")
        assert transcript.column.shown[0] == top
        await talk.click(jump)
        await until(lambda: transcript.at_end and transcript.column.shown[-1].index == 43, "the end again")
        # Another session begins.
        talk.asked.put()
        await until(lambda: not transcript.column.shown and not jump.isVisible(), "nothing is left")


async def test_only_what_is_in_view_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking() as talk:
        laid_out: list[str] = []
        lay_out = TurnBlock.lay_out

        def counted(block: TurnBlock, width: int, who: str) -> None:
            laid_out.append(block.id)
            lay_out(block, width, who)

        monkeypatch.setattr(TurnBlock, "lay_out", counted)
        talk.asked.put(*_turns(5000))
        await until(lambda: talk.transcript.column.shown, "the end is in view")
        assert len(laid_out) < 20
        laid_out.clear()
        for n in range(20):
            talk.asked.put(replace(LIVE, text="word " * n), first=5000)
            talk.transcript.settle()
        assert set(laid_out) == {LIVE.id}
        talk.transcript.verticalScrollBar().setValue(talk.transcript.verticalScrollBar().maximum() // 2)
        assert len(laid_out) < 60
        assert 2000 < talk.transcript.column.shown[0].index < 3000


async def test_a_call_is_allowed_answered_or_refused_in_its_card() -> None:
    async with talking(ASKS, WAITS, size=(920, 800)) as talk:
        text = talk.transcript.column.laid_out(0).parts[0].display.text
        assert "[U+202E]" in text
        assert '"minutes": 10' in text
        for name, done in (("allow", "allow f1"), ("always", "allow f1 always"), ("deny", "deny f1")):
            await talk.click(_first(talk.transcript, f"voice.transcript.{name}"))
            await talk.did(done)
        field = talk.transcript.findChild(QLineEdit, "voice.transcript.answer")
        assert field is not None
        await talk.click(field)
        await talk.keys("type", "--delay", "10", "7 of them")
        # Scrolled away and back, what was begun is still there.
        talk.asked.put(*_turns(40), first=2)
        await until(lambda: not _all(talk.transcript, "voice.transcript.send"), "the end is in view")
        talk.transcript.verticalScrollBar().setValue(0)
        await until(lambda: talk.transcript.findChild(QLineEdit, "voice.transcript.answer"), "the field")
        field = next(one for one in talk.transcript.findChildren(QLineEdit) if one.isVisible())
        assert field.text() == "7 of them"
        await talk.click(field)
        await talk.keys("key", "Return")
        await talk.did("answer f2 7 of them")
        talk.asked.put(replace(WAITS, status="done", result="7 of them"), first=1)
        await until(lambda: not _all(talk.transcript, "voice.transcript.send"), "nothing is waited for")


def _all(parent: QWidget, name: str) -> list[QPushButton]:
    found = [button for button in parent.findChildren(QPushButton, name) if button.isVisible()]
    return sorted(found, key=lambda button: button.y())


def _first(parent: QWidget, name: str) -> QPushButton:
    return _all(parent, name)[0]


async def test_a_search_opens_to_its_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    async with talking(SAID, SEARCH, ANSWER) as talk:
        head = _first(talk.transcript, "voice.transcript.head")
        assert head.accessibleName() == "Searched Google for “Whitby tide times”. 2 sources, 0.8 s"
        await talk.click(head)
        await until(lambda: len(_all(talk.transcript, "voice.transcript.source")) == 2, "the sources")
        first, second = _all(talk.transcript, "voice.transcript.source")
        assert (first.text(), second.text()) == ("Tide times", "Harbour")
        opened: list[str] = []

        def hand_over(url: QUrl) -> bool:
            opened.append(url.toString())
            return True

        monkeypatch.setattr("aiproxy_desktop.ui.shell.open_url.QDesktopServices.openUrl", hand_over)
        # What is no page of the web does not leave.
        await talk.click(second)
        await talk.click(first)
        await until(lambda: opened, "the page")
        assert opened == ["https://tides.example/whitby"]
        await talk.click(head)
        await until(lambda: not _all(talk.transcript, "voice.transcript.source"), "shut again")
        await talk.click(head)
        await until(lambda: _all(talk.transcript, "voice.transcript.source"), "open again")
        # Another search comes before it: what was opened stays open.
        other = replace(SEARCH, id="c2", arguments="Whitby tides\nWhitby harbour", sources=())
        talk.asked.put(other, SEARCH, ANSWER, first=1)
        await until(lambda: len(_all(talk.transcript, "voice.transcript.head")) == 2, "both searches")
        heads = [each.text() for each in _all(talk.transcript, "voice.transcript.head")]
        assert heads[0] == "Searched Google for “Whitby tides”, “Whitby harbour”"
        assert len(_all(talk.transcript, "voice.transcript.source")) == 2


@pytest.fixture
def leftwards(qapp: QApplication) -> Iterator[None]:
    qapp.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


@pytest.fixture
def marked() -> Iterator[None]:
    use(Marked())
    yield
    use(None)


# The model, and what was said, called, written and found.
_DATA = re.compile(r"[\d:.\W]*|Gemini|set_timer|look_up|Tide times|Harbour|tides\.example|Headset is away\.")


@pytest.mark.usefixtures("leftwards", "marked")
async def test_every_word_is_translated_and_stands_on_its_side() -> None:
    hebrew = VoiceTurn("u3", "user", 250, "מתי השפל בוויטבי?", "done")
    broken = VoiceTurn("m2", "model", 251, "", "broken")
    remarks = VoiceRemark("r1", "reconnected", 252), VoiceRemark("r2", "restarted", 253)
    async with talking(SEARCH, ASKS, WAITS, broken, *remarks, hebrew, size=(920, 960)) as talk:
        away = StreamStatus("missing", "Headset", "Headset is away.")
        for state in (READY, replace(READY, talking=True), replace(READY, microphone=away), VoiceState()):
            talk.asked.become(state)
            await until(lambda: talk.transcript.column.shown, "the entries")
            rests = {word.text: left_over(word.text).strip() for word in words_seen()}
            found = {text for text, rest in rests.items() if not _DATA.fullmatch(rest)}
            assert found <= {f"⟦You said: ⟧{hebrew.text}"}
        # What is read from the right begins at the right, and so does the row of buttons.
        column = talk.transcript.column
        place = talk.transcript.viewport().mapFromGlobal(talk.place_of(6, "מ"))
        assert place.x() > talk.transcript.column_left + column.width - 30
        allow, deny = (_first(talk.transcript, f"voice.transcript.{name}") for name in ("allow", "deny"))
        assert allow.x() > deny.x()
        assert talk.dock.microphone.x() > talk.dock.speaker.x()
