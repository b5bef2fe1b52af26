"""The voice tab's head and what stands there before anything was said."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.audio.values import DeviceList
from aiproxy_desktop.core.errors import MissingKeyError
from aiproxy_desktop.services.global_shortcut import ShortcutState
from aiproxy_desktop.services.voice.values import VoiceFigures, VoiceState
from aiproxy_desktop.ui.voice.standing import standing
from aiproxy_desktop.ui.voice.welcome import welcome
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import focused_widget
from tests.ui.voice_panel_parts import NO_KEY, Tab, voice_tab

REFUSED = MissingKeyError("There is no key for Gemini", "Add one in Settings.")


def seen(tab: Tab) -> dict[str, str]:
    """What stands in the head, by its name."""
    parts = [part for part in tab.header.findChildren(QWidget) if isinstance(part, QLabel | Button)]
    return {part.objectName(): part.text() for part in parts if part.isVisible() and part.objectName() != ""}


@pytest.mark.parametrize(
    ("state", "seconds", "word", "dot"),
    [
        (VoiceState(), 0.0, "", "off"),
        (VoiceState("connecting"), 0.0, "Connecting…", "busy"),
        (VoiceState("ready"), 3.0, "Ready", "ready"),
        (VoiceState("ready", muted=True), 3.0, "Muted", "off"),
        (VoiceState("reconnecting"), 9.0, "Reconnecting…", "busy"),
        (VoiceState("ready", reconnected_at=10.0), 11.0, "Reconnected just now", "ready"),
        (VoiceState("ready", reconnected_at=10.0), 75.0, "Reconnected 1 min ago", "ready"),
        (VoiceState("ready", reconnected_at=10.0), 400.0, "Ready", "ready"),
        (VoiceState("ended"), 9.0, "Ended", "off"),
        (VoiceState("ended", error=REFUSED), 9.0, "There is no key for Gemini", "broken"),
    ],
)
def test_a_session_stands_in_one_word(state: VoiceState, seconds: float, word: str, dot: str) -> None:
    said = standing(state, seconds)
    assert (said.word, said.dot) == (word, dot)


def test_the_head_follows_a_session_from_its_beginning_to_the_next(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked = tab.asked
        assert seen(tab) == {"voice.title": "New conversation"}
        asked.become(
            VoiceState("ready", title="Whitby by train", conversation_id="c"), VoiceFigures(236, cost=0.021)
        )
        assert seen(tab) == {
            "voice.title": "Whitby by train",
            "voice.state": "Ready",
            "voice.time": "3:56",
            "voice.cost": "$0.021",
            "voice.toChat": "Go on in chat",
            "voice.end": "End session",
        }
        wanted = QSignalSpy(asked.chat_wanted)
        to_chat = tab.header.findChild(Button, "voice.toChat")
        assert to_chat is not None
        to_chat.click()
        assert wanted.at(0) == ["c"]
        end = tab.header.findChild(Button, "voice.end")
        assert end is not None
        end.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(end, Qt.Key.Key_Return)
        new = focused_widget()
        assert new is not None
        assert new.objectName() == "voice.new"  # in the same place: the keys go on there
        QTest.keyClick(new, Qt.Key.Key_Return)
        assert seen(tab) == {"voice.title": "New conversation"}


def test_where_it_is_narrow_words_give_way(qtbot: QtBot) -> None:
    with voice_tab(qtbot, width=1216) as tab:
        state = VoiceState("ended", title="A long title " * 9, conversation_id="c", error=REFUSED)
        tab.asked.become(state, VoiceFigures(236, cost=0.021))
        tab.header.setParent(None)
        qtbot.addWidget(tab.header)
        gone = []
        for width in (816, 770, 620, 420):
            tab.header.resize(width, tab.header.height())
            tab.header.show()
            assert seen(tab)["voice.new"] == "New session"
            assert seen(tab)["voice.time"] == "3:56"
            there = {"voice.cost", "voice.state"} & seen(tab).keys()
            gone.append((sorted(there), bool(seen(tab)["voice.toChat"])))
            edges = [part.geometry().right() for part in tab.header.findChildren(Button) if part.isVisible()]
            assert max(edges) < width
        assert gone == [
            (["voice.cost", "voice.state"], True),
            (["voice.state"], True),
            (["voice.state"], False),
            ([], False),
        ]
        to_chat = tab.header.findChild(Button, "voice.toChat")
        assert to_chat is not None
        assert to_chat.accessibleName() == to_chat.toolTip() == "Go on in chat"


def test_what_is_missing_is_said_before_anything_is_tried(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked = tab.asked
        said = welcome(asked)
        assert said.title == "Talk with Gemini"
        assert said.text.startswith("Hold Space or the button and speak; let go, and it answers.")
        asked.shortcut_state = ShortcutState(True, True, "Meta+T")
        assert "or Meta+T and speak" in welcome(asked).text
        asked.change(mode="hands_free")
        assert "whenever you like" in welcome(asked).text
        asked.plug()
        assert welcome(asked).title == "There is no microphone"
        assert "you can type to Gemini" in welcome(asked).text
        asked.devices = DeviceList(problem="There is no sound system here.")
        assert welcome(asked).text.startswith("There is no sound system here.")
        asked.offers = (NO_KEY,)
        asked.offers_changed.emit()
        wanted = QSignalSpy(tab.welcome.page_wanted)
        assert welcome(asked).text == NO_KEY.why
        button = tab.welcome.findChild(Button, "voice.empty.settings")
        assert button is not None
        button.click()
        assert wanted.at(0) == ["settings"]
