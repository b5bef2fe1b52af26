"""Find, zoom and saving code, from the chat page and its keys."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.ui.chat.transcript.transcript import Transcript
from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until

CODE = "```python\nprint('Grüße')\n```"
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


async def _answered(window: Window, text: str = CODE) -> Transcript:
    window.parts.model.play(*answer(text))
    await window.ask("Greet")
    await window.answered()
    transcript = window.page.transcript
    assert transcript is not None
    transcript.settle()
    return transcript


async def test_ctrl_f_finds_and_esc_returns_to_what_was_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        transcript = await _answered(window, "Good day, and good night.")
        window.type("half a sen")
        window.press(Qt.Key.Key_F, CTRL)
        field = window.find(QLineEdit, "chat.findBar.field")
        assert field.hasFocus()
        QTest.keyClicks(field, "good")
        assert transcript.finding.active
        window.press(Qt.Key.Key_F3)
        window.press(Qt.Key.Key_F3, SHIFT)
        window.press(Qt.Key.Key_Escape)
        assert not window.shows("chat.findBar")
        assert window.composer.hasFocus()
        window.type("tence")
        assert window.composer.toPlainText() == "half a sentence"


async def test_the_header_has_a_button_to_find(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await _answered(window)
        window.click("chat.find")
        assert window.find(QLineEdit, "chat.findBar.field").hasFocus()


async def test_zoom_is_set_by_keys_and_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        transcript = await _answered(window)
        for key, zoom in (
            (Qt.Key.Key_Plus, 110),
            (Qt.Key.Key_Equal, 125),
            (Qt.Key.Key_Minus, 110),
            (Qt.Key.Key_0, 100),
            (Qt.Key.Key_Minus, 90),
        ):
            window.press(key, CTRL)
            await until(lambda zoom=zoom: transcript.zoom == zoom, f"{zoom} %")  # type: ignore[misc]  # default
        store = SettingsStore(tmp_path / "settings.json")
        await until(lambda: store.load().settings.zoom == 90, "the file")
    async with opened(tmp_path) as window:
        assert (await _answered(window)).zoom == 90


async def test_code_is_saved_where_the_person_says(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    async with opened(folder) as window:
        await _answered(window)
        window.click("chat.transcript.saveCode")
        dialog = window.find(QFileDialog, "shell.saveFile")
        assert Path(dialog.selectedFiles()[0]).name == "code.py"
        dialog.setDirectory(str(tmp_path))
        name = dialog.findChild(QLineEdit)
        assert name is not None
        name.setFocus()
        name.selectAll()
        QTest.keyClicks(name, "greet")
        QTest.keyClick(name, Qt.Key.Key_Return)
        await until((tmp_path / "greet.py").exists, "the file")
        assert (tmp_path / "greet.py").read_text("utf-8") == "print('Grüße')"
        await until(lambda: window.window.toasts.toasts, "a word about it")
        assert window.window.toasts.toasts[0].message.text == "Saved as “greet.py”"


async def test_code_that_cannot_be_saved_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await _answered(window)
        window.parts.view_model.save_text(tmp_path / "gone" / "code.py", "x")
        await until(lambda: window.parts.view_model.notice, "the sentence")
        assert window.parts.view_model.notice == (
            "“code.py” could not be saved. The folder is no longer there. Choose another one."
        )


async def test_every_action_of_a_conversation_runs(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        actions = {action.id: action for action in window.page.actions_here()}
        assert not actions["chat.find"].enabled()
        await _answered(window, f"{CODE}\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
        clipboard = QApplication.clipboard()
        for name, text in (
            ("copyCode", "print('Grüße')"),
            ("copyTable", "| a | b |\n|---|---|\n| 1 | 2 |\n"),
            ("copyTableCsv", "a,b\r\n1,2\r\n"),
        ):
            clipboard.clear()
            assert actions[f"chat.{name}"].enabled()
            actions[f"chat.{name}"].run()
            assert clipboard.text() == text
        assert not actions["chat.copy"].enabled()
        transcript = window.page.transcript
        assert transcript is not None
        transcript.select_all()
        assert actions["chat.copyMarkdown"].enabled()
        actions["chat.copyMarkdown"].run()
        assert clipboard.text().startswith("Greet\n\n```python")
        actions["chat.wrapCode"].run()
        actions["chat.find"].run()
        assert window.shows("chat.findBar")
