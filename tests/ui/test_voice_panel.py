"""The voice tab's panel: what can be chosen, what cannot and why, devices that come and go."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtTest import QSignalSpy, QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from aiproxy_desktop.services.global_shortcut import ShortcutState, ShortcutTrouble
from aiproxy_desktop.services.voice.values import VoiceFigures, VoiceState
from aiproxy_desktop.ui.voice.hold_to_talk import HoldToTalk
from aiproxy_desktop.ui.voice.panel.languages import language_rows
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.focus import focused_widget
from aiproxy_desktop.ui.widgets.form_select import FormSelect
from aiproxy_desktop.ui.widgets.select import RowList
from tests.ui.voice_panel_parts import BUILT_IN, HEADSET, OPENAI, Tab, voice_tab


def note(tab: Tab, name: str) -> str:
    label = tab.window.findChild(QLabel, f"{name}.note")
    assert label is not None, name
    return "" if label.isHidden() else label.text()


def rows_of(select: FormSelect) -> list[str]:
    assert select.popover is not None
    rows = select.popover.content
    assert isinstance(rows, RowList)
    return [str(rows.model().index(place, 0).data()) for place in range(rows.model().rowCount())]


def press(widget: QWidget, key: Qt.Key) -> None:
    QTest.keyClick(widget, key)


def test_a_model_is_searched_by_the_keys_and_one_that_is_not_ready_leads_to_what_mends_it(
    qtbot: QtBot,
) -> None:
    with voice_tab(qtbot) as tab:
        model, wanted = tab.panel.speech.model, QSignalSpy(tab.panel.page_wanted)
        model.setFocus(Qt.FocusReason.TabFocusReason)
        press(model, Qt.Key.Key_Down)
        search = focused_widget()
        assert search is not None
        QTest.keyClicks(search, "openai")
        assert search.accessibleDescription() == "Talk, OpenAI: no key. Add one in Settings."
        press(search, Qt.Key.Key_Return)
        assert wanted.at(0) == ["settings"]
        assert tab.asked.settings.model == ""
        tab.asked.offers = (*tab.asked.offers[:1], OPENAI)
        tab.asked.offers_changed.emit()
        press(model, Qt.Key.Key_Down)
        search = focused_widget()
        assert search is not None
        QTest.keyClicks(search, "openai talk")
        press(search, Qt.Key.Key_Return)
        assert tab.asked.settings.model == "openai:talk"
        assert model.accessibleName() == "Model: Talk"
        # It has less, and each says so.
        speech, switches = tab.panel.speech, tab.panel.switches
        for select in (speech.voice, speech.language):
            assert not select.isEnabled()
            assert select.accessibleDescription()
        assert not switches.search.switch.isEnabled()
        assert note(tab, "voice.googleSearch") == switches.search.switch.toolTip() == "Talk does not search."
        assert not switches.search.switch.isChecked()
        assert tab.asked.settings.google_search  # it comes back with the other model


def test_what_is_chosen_is_asked_for(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        speech, asked = tab.panel.speech, tab.asked
        assert (speech.voice.text(), speech.language.text()) == ("Its own", "As spoken")
        for select, steps in ((speech.voice, 2), (speech.language, 1)):
            select.open()
            assert select.popover is not None
            for _ in range(steps):
                press(select.popover.content, Qt.Key.Key_Down)
            press(select.popover.content, Qt.Key.Key_Return)
        assert asked.settings.voices == {"live": "Kore"}
        assert asked.settings.language
        speech.mode.chosen.emit("hands_free")
        tab.panel.switches.keep.switch.click()
        tab.panel.switches.recording.switch.click()
        tab.panel.switches.formats.chosen.emit("wav")
        settings = asked.settings
        assert (settings.mode, settings.keep, settings.recording) == ("hands_free", False, "wav")
        function = tab.window.findChild(PaintedButton, "voice.function.current_time")
        assert function is not None
        function.click()
        assert asked.settings.functions == ("current_time",)
        # A model holds its session to the end, and only that is said.
        asked.become(VoiceState("ready"))
        asked.change(language="de-DE")
        assert speech.language.text() == "Deutsch, DE"
        later = tab.window.findChild(QLabel, "voice.later")
        assert later is not None
        assert later.isHidden()
        asked.offers = (*asked.offers[:1], OPENAI)
        asked.change(model="openai:talk")
        assert later.text() == "Talk from the next session on."
        asked.end()
        assert later.isHidden()


def test_languages_have_the_names_their_speakers_give_them() -> None:
    rows = language_rows(("en-US", "en-GB", "fr-FR", "de-DE", "cmn-CN", "xx-YY"), QLocale("de-DE"))
    assert rows[0] == ("", "As spoken")
    assert rows[1] == ("de-DE", "Deutsch")
    assert ("en-GB", "English, United Kingdom") in rows
    assert ("fr-FR", "Français") in rows
    assert ("cmn-CN", "简体中文") in rows
    assert ("xx-YY", "xx-YY") in rows


def test_devices_come_and_go_and_the_one_that_is_meant_stays_meant(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked, select = tab.asked, tab.panel.devices.microphone
        assert select.text() == "Built-in audio (default)"
        select.open()
        assert rows_of(select) == ["System default (Built-in audio)", HEADSET.name, BUILT_IN.name]
        assert select.popover is not None
        rows = select.popover.content
        press(rows, Qt.Key.Key_Down)
        asked.plug(BUILT_IN, HEADSET)  # while the list is open: the keys stay with what they were on
        press(rows, Qt.Key.Key_Return)
        assert asked.settings.microphone == HEADSET.name
        asked.plug(BUILT_IN)
        assert select.accessibleName() == f"Microphone: {HEADSET.name} (not connected)"
        select.open()
        assert rows_of(select)[-1] == f"{HEADSET.name} (not connected)"
        asked.plug(BUILT_IN, HEADSET)
        assert rows_of(select)[-1] == HEADSET.name
        assert select.text() == HEADSET.name
        select.popover.close_popover()
        asked.plug(problem="There is no sound system here.")
        assert note(tab, "voice.microphone") == "There is no sound system here."
        assert not tab.panel.devices.test_microphone.isEnabled()
        assert asked.settings.microphone == HEADSET.name


def test_a_test_says_what_it_does(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked, devices = tab.asked, tab.panel.devices
        devices.test_microphone.click()
        assert asked.done == ["test microphone"]
        said = []
        for asked.testing in ("recording", "playing", "sounding", ""):
            asked.state_changed.emit()
            said.append((note(tab, "voice.microphone"), note(tab, "voice.speaker")))
            devices.test_microphone.click()  # under way: nothing more is begun
            assert devices._level.isVisible() == (asked.testing == "recording")
        assert said == [
            ("Recording… say something", ""),
            ("Playing what you said…", ""),
            ("", "Playing…"),
            ("", ""),
        ]
        assert asked.done == ["test microphone"] * 2
        devices.volume.setFocus()
        press(devices.volume, Qt.Key.Key_PageDown)
        assert asked.settings.volume == 70
        assert devices._percent.text() == "70 %"


def test_what_is_written_is_taken_when_it_is_left_and_what_cannot_be_used_stays(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked, area = tab.asked, tab.panel.speech.instructions
        assert area.isHidden()
        fold = tab.window.findChild(PaintedButton, "voice.instructions.fold")
        assert fold is not None
        fold.click()
        assert focused_widget() is area
        low = area.height()
        asked.become(VoiceState("ready"))
        QTest.keyClicks(area, "Be brief. " * 40)
        qtbot.waitUntil(lambda: area.height() > low)
        asked.change(instructions="Be brief. " * 15)
        qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() == 0, timeout=60_000)
        asked.change(instructions="")
        QTest.keyClicks(area, "Be brief. " * 40)
        assert asked.settings.instructions == ""  # a session is not told anew at every letter
        editor = tab.panel.functions.editor
        tab.panel.functions._fold.set_open(True)
        editor.area.setFocus()
        assert asked.settings.instructions.startswith("Be brief.")
        editor.area.setPlainText('[{"name": "open door"}]')
        tab.panel.speech.model.setFocus()
        assert asked.settings.declarations == ""
        assert note(tab, "voice.declarations").startswith("Function 1 has no name that can be used")
        asked.change(volume=10)  # whatever else changes
        assert editor.area.toPlainText() == '[{"name": "open door"}]'
        editor.area.setPlainText('[{"name": "open_door"}]')
        editor.area.tell()
        assert asked.settings.declarations == '[{"name": "open_door"}]'
        assert note(tab, "voice.declarations") == "1 function. You answer its calls yourself."


@pytest.mark.parametrize(
    ("available", "bound", "trigger", "trouble", "shown"),
    [
        (False, False, "", "none", "This desktop has no shortcuts that work in every window."),
        (False, False, "", "gone", "The desktop does not answer; the shortcut is back when it is."),
        (True, False, "", "refused", "The desktop gave no keys. Switch it on to ask again."),
        (True, False, "", "", "The desktop asks you which keys it shall be."),
        (True, True, "", "", "Give it keys in the desktop's settings."),
        (True, True, "Meta+T", "", "Hold Meta+T to talk."),
    ],
)
def test_the_shortcut_says_how_it_stands(
    qtbot: QtBot, available: bool, bound: bool, trigger: str, trouble: ShortcutTrouble, shown: str
) -> None:
    with voice_tab(qtbot) as tab:
        tab.asked.change(global_shortcut=True)
        tab.asked.shortcut_state = ShortcutState(available, bound, trigger, trouble)
        tab.asked.shortcut_changed.emit()
        switch = tab.panel.switches.shortcut.switch
        assert note(tab, "voice.shortcut") == switch.accessibleDescription() == shown
        assert switch.isEnabled() == available
        assert switch.isChecked() == (available and not trouble)
        switch.click()
        assert tab.asked.done == ([f"shortcut {bool(trouble)}"] if available else [])


def test_a_recording_is_found_again_and_figures_are_never_made_up(qtbot: QtBot, tmp_path: Path) -> None:
    with voice_tab(qtbot) as tab:
        asked = tab.asked
        figures = [tab.window.findChild(QWidget, f"voice.figures.{one}") for one in ("tokens", "cost")]

        def spoken() -> list[str]:
            return [one.accessibleName() for one in figures if one is not None]

        assert spoken() == ["Tokens: –", "Cost so far: –"]
        asked.become(VoiceState("ready"), VoiceFigures(80, 72, 3))
        assert spoken() == ["Tokens: Unknown", "Cost so far: Unknown"]
        asked.become(VoiceState("ready"), VoiceFigures(80, 72, 3, 5120, 0.021))
        assert spoken() == ["Tokens: 5,120", "Cost so far: $0.021"]
        notices = QSignalSpy(asked.noticed)
        asked.recorded = tmp_path / "gone" / "talk.flac"
        asked.change(recording="wav")
        asked.become(VoiceState("ready", recording=True))
        assert tab.panel.switches.recording.note.text() == "This one stays FLAC, the next is WAV."
        asked.become(VoiceState("ended"))
        show = tab.window.findChild(PaintedButton, "voice.recording.show")
        assert show is not None
        assert show.isVisibleTo(tab.window)
        show.click()
        assert notices.count() == 1


def test_space_talks_after_a_click_and_presses_what_the_keys_reached(qtbot: QtBot) -> None:
    with voice_tab(qtbot) as tab:
        asked, switch = tab.asked, tab.panel.switches.keep.switch
        HoldToTalk(tab.window, asked)

        def keeps() -> bool:
            return asked.settings.keep

        QTest.mouseClick(switch, Qt.MouseButton.LeftButton)
        assert focused_widget() is switch
        assert not keeps()
        QTest.keyPress(switch, Qt.Key.Key_Space)
        QTest.keyRelease(switch, Qt.Key.Key_Space)
        qtbot.waitUntil(lambda: asked.done == ["press key", "release key"], timeout=60_000)
        assert not keeps()
        tab.panel.speech.model.setFocus()
        switch.setFocus(Qt.FocusReason.TabFocusReason)
        press(switch, Qt.Key.Key_Space)
        assert keeps()
        assert len(asked.done) == 2
