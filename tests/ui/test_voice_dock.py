"""Holding to talk by key, mouse and assistive technology; what the dock says; typing instead."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QTouchEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel

from aiproxy_desktop.audio.values import LevelReading, StreamStatus
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.voice.values import VoiceState, VoiceTurn
from aiproxy_desktop.storage.voice_settings import VoiceSettings
from aiproxy_desktop.ui.widgets.buttons import Button
from tests.ui.voice_talk_parts import OPEN, READY, Talk, talking
from tests.waiting import until


async def test_space_is_held_anywhere_but_where_it_is_typed() -> None:
    async with talking() as talk:
        # Long enough for the key to repeat itself.
        await talk.keys("keydown", "space", "sleep", "1.2", "keyup", "space")
        await talk.did("press key", "release key")
        # However short it is held.
        await talk.keys("key", "space")
        await talk.did("press key", "release key")
        await talk.click(talk.dock.composer.field)
        await talk.keys("type", "--delay", "10", "a b")
        await until(lambda: talk.dock.composer.field.text() == "a b", "the words")
        assert talk.asked.done == []
        # Escape stops an answer from there too.
        talk.asked.become(replace(READY, answering=True, sounding=True))
        await talk.keys("key", "Escape")
        await talk.did("stop")


async def test_what_would_swallow_the_release_is_the_release() -> None:
    async with talking() as talk:
        await talk.keys("keydown", "space")
        await talk.did("press key")
        talk.dock.composer.field.setFocus()
        await talk.did("release key")
        await talk.keys("keyup", "space")
        talk.transcript.setFocus()
        await talk.keys("keydown", "space")
        await talk.did("press key")
        dialog = QDialog(talk.page)
        dialog.open()
        await talk.did("release key")
        await talk.keys("keyup", "space")
        dialog.close()
        dialog.deleteLater()
        talk.page.activateWindow()
        await until(talk.page.isActiveWindow, "the window is in front again")
        talk.transcript.setFocus()
        await talk.keys("keydown", "space")
        await talk.did("press key")
        talk.page.hide()
        await talk.did("release key")
        await talk.keys("keyup", "space")


async def test_the_button_is_held_by_mouse_and_key_and_pressed_by_a_screen_reader() -> None:
    async with talking() as talk:
        button = talk.dock.talk
        await talk.point(button.mapToGlobal(button.rect().center()))
        await talk.keys("mousedown", "1")
        await talk.did("press button")
        assert button.accessibleName() == "Talk, held"
        # Away from it and back over something else: it is held until it is let go.
        await talk.point(talk.transcript.mapToGlobal(QPoint(40, 40)))
        assert button.is_held
        await talk.keys("mouseup", "1")
        await talk.did("release button")
        assert button.accessibleName() == "Talk"
        button.setFocus(Qt.FocusReason.TabFocusReason)
        await talk.keys("keydown", "Return", "sleep", "1", "keyup", "Return")
        await talk.did("press button", "release button")
        await talk.keys("keydown", "space")
        await talk.did("press button")
        # The microphone goes and may be back in a moment: who holds it lets go, but then it cannot be held.
        talk.asked.become(replace(READY, microphone=StreamStatus("missing", "Headset", "It went away.")))
        await talk.keys("keyup", "space")
        await talk.did("release button")
        await talk.keys("key", "space")
        talk.asked.become(READY)
        action = QAccessibleActionInterface.pressAction()
        reader = QAccessible.queryAccessibleInterface(button).actionInterface()
        assert reader is not None
        reader.doAction(action)
        await talk.did("press button")
        reader.doAction(action)
        await talk.did("release button")


async def test_hands_free_the_button_mutes() -> None:
    async with talking() as talk:
        talk.asked.settings = VoiceSettings(mode="hands_free")
        talk.asked.settings_changed.emit()
        assert (talk.dock.talk.look, talk.dock.line) == ("open", "Listening")
        await talk.click(talk.dock.talk)
        await talk.did("muted True")
        talk.asked.become(replace(READY, muted=True))
        assert (talk.dock.talk.look, talk.dock.talk.accessibleName()) == ("muted", "Microphone, muted")
        await talk.click(talk.dock.talk)
        await talk.did("muted False")
        talk.transcript.setFocus()
        await talk.keys("key", "space")
        assert talk.asked.done == []


async def test_the_dock_says_what_to_do(qapp: object) -> None:
    del qapp
    async with talking() as talk:
        seen = []
        for state in (
            VoiceState(),
            VoiceState("connecting"),
            READY,
            replace(READY, talking=True),
            replace(READY, answering=True, sounding=True),
            VoiceState("reconnecting"),
            replace(READY, microphone=StreamStatus("missing", "Headset", "Headset is away.")),
            VoiceState("ended", error=AIProxyError("The key was refused", "Set another in Settings.")),
        ):
            talk.asked.become(state)
            seen.append((talk.dock.talk.look, talk.dock.line))
        assert seen == [
            ("rest", "Hold Space to talk"),
            ("waiting", "Connecting"),
            ("rest", "Hold Space to talk"),
            ("held", "Listening. Release to send"),
            ("rest", "Gemini is speaking. Hold to cut in"),
            ("waiting", "Reconnecting"),
            ("struck", "No microphone"),
            ("rest", "Hold Space to talk"),
        ]
        assert talk.dock.hint == "The key was refused. Set another in Settings."
        # Whoever has no microphone still writes.
        assert talk.dock.composer.field.isEnabled()
        talk.asked.chosen = replace(talk.asked.chosen, ready=False, why="Give Gemini a key in Settings.")
        talk.asked.offers_changed.emit()
        assert not talk.dock.composer.field.isEnabled()
        shown = [label.text() for label in talk.dock.findChildren(QLabel) if label.isVisible()]
        assert "Give Gemini a key in Settings." in shown


async def _write(talk: Talk, words: str) -> None:
    await talk.click(talk.dock.composer.field)
    await talk.keys("type", "--delay", "5", words)
    await talk.keys("key", "Return")
    await talk.did(f"say {words}")
    assert talk.dock.composer.field.text() == ""


async def test_what_was_written_is_not_lost_with_the_session() -> None:
    async with talking() as talk:
        await _write(talk, "Hello there")
        talk.asked.become(VoiceState("ended", error=AIProxyError("No network", "Try again.")))
        assert talk.dock.composer.field.text() == "Hello there"
        talk.dock.composer.field.clear()
        talk.asked.become(READY)
        await _write(talk, "Hello again")
        talk.asked.put(VoiceTurn("1", "user", 1.0, "Hello again", "done", typed=True))
        talk.asked.become(VoiceState("ended", error=AIProxyError("No network", "Try again.")))
        assert talk.dock.composer.field.text() == ""
        # Where there can be no session, nothing is lost either.
        talk.asked.can_begin = False
        talk.dock.composer.field.setText("Hello at last")
        await talk.click(talk.dock.composer.send)
        await talk.did("say Hello at last")
        assert talk.dock.composer.field.text() == "Hello at last"


async def test_the_meters_move_only_while_there_is_sound_and_someone_looks() -> None:
    async with talking() as talk:
        reading = LevelReading((0.1, 1.0), -14.2, (False, True))
        talk.asked.readings["input"] = reading
        await until(lambda: talk.dock.microphone.reading == reading, "the meter moves")
        await until(lambda: talk.dock.microphone.word == "−14 dB", "the figure, some ticks later")
        assert talk.dock.speaker.word == "silent"
        talk.page.hide()
        talk.asked.readings["input"] = LevelReading()
        talk.asked.become(replace(READY, microphone=OPEN))
        assert not talk.dock.moving
        talk.page.show()
        await until(lambda: talk.dock.moving, "it moves again")
        talk.asked.become(VoiceState("ended"))
        assert not talk.dock.moving


async def test_a_finger_holds_it_and_a_touch_called_off_lets_go() -> None:
    async with talking() as talk:
        device, button = QTest.createTouchDevice(), talk.dock.talk
        QTest.touchEvent(button, device).press(0, QPoint(50, 50), button).commit()
        await talk.did("press button")
        QTest.touchEvent(button, device).move(0, QPoint(-200, -90), button).commit()
        QTest.touchEvent(button, device).release(0, QPoint(-200, -90), button).commit()
        await talk.did("release button")
        QTest.touchEvent(button, device).press(0, QPoint(50, 50), button).commit()
        await talk.did("press button")
        QApplication.sendEvent(button, QTouchEvent(QEvent.Type.TouchCancel))
        await talk.did("release button")


async def test_after_a_press_by_mouse_space_talks_and_after_writing_escape_leads_back() -> None:
    async with talking() as talk:
        pressed: list[str] = []
        button = Button(talk.dock.talk.themes, "Test", name="voice.test", parent=talk.page)
        button.clicked.connect(lambda: pressed.append("pressed"))
        button.move(8, 8)
        button.show()
        await talk.click(button)
        await until(lambda: pressed, "it was pressed")
        assert button.hasFocus()
        await talk.keys("keydown", "space")
        await talk.did("press key")
        # As where New session gives way to End session: it is held all the same.
        talk.dock.talk.setFocus(Qt.FocusReason.OtherFocusReason)
        assert talk.asked.done == []
        await talk.keys("keyup", "space")
        await talk.did("release key")
        button.setFocus(Qt.FocusReason.TabFocusReason)
        await talk.keys("key", "space")
        await until(lambda: len(pressed) == 2, "pressed by key")
        await talk.click(talk.dock.composer.field)
        await talk.keys("key", "Escape")
        await until(talk.dock.talk.hasFocus, "back to talking")
        await talk.keys("key", "space")
        await until(lambda: len(talk.asked.done) == 2, "it is held and let go")
