"""Every command has a key of its own, and none of them takes a key away from a text field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from aiproxy_desktop.ui.shell.actions import Action
from tests.application import running
from tests.waiting import until

# The issue that asks for the palette names its key; on some systems it also deletes to the end of a line.
GIVEN = {"Ctrl+K"}

# What is done by these keys in a field is known to every hand, whatever this system's own bindings are.
EDITING = (
    *("Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z", "Ctrl+Y", "Ctrl+Shift+Z", "Ctrl+Left", "Ctrl+Right"),
    *("Ctrl+Home", "Ctrl+End", "Ctrl+Backspace", "Ctrl+Del", "Ctrl+Shift+Left", "Ctrl+Shift+Right"),
    *("Ctrl+E", "Ctrl+U", "Ctrl+D", "Ctrl+Ins", "Shift+Ins", "Shift+Del", "Home", "End", "Ctrl+Shift+U"),
)


def keys(actions: Sequence[Action]) -> list[str]:
    return [QKeySequence(key).toString() for action in actions for key in action.keys]


def takes(field: QWidget, key: str) -> bool:
    """Whether a field that has the keyboard keeps a key for itself."""
    pressed = QKeySequence(key)[0]  # type: ignore[index]  # Qt's stubs do not know it
    event = QKeyEvent(QEvent.Type.ShortcutOverride, pressed.key(), pressed.keyboardModifiers())
    event.ignore()
    QApplication.sendEvent(field, event)
    return event.isAccepted()


@pytest.mark.parametrize("page", ["chat", "models", "images", "voice", "settings"])
async def test_every_command_has_a_key_of_its_own(aiproxy_home: Path, page: str) -> None:
    async with running(aiproxy_home) as person:
        person.window.show_page(page)
        actions = person.window.actions_here()
        assert [action.id for action in actions if not action.keys] == []
        assert [key for key, times in Counter(keys(actions)).items() if times > 1] == []
        assert [action.title for action in actions if QKeySequence(action.keys[0]).isEmpty()] == []


@pytest.mark.parametrize("page", ["chat", "models", "images", "voice", "settings"])
async def test_no_command_takes_a_key_from_a_text_field(aiproxy_home: Path, page: str) -> None:
    async with running(aiproxy_home) as person:
        person.window.show_page(page)
        ours = keys([action for action in person.window.actions_here() if not action.shown_only])
        assert sorted(set(ours) & {QKeySequence(key).toString() for key in EDITING}) == []
        many, one = QPlainTextEdit("some words"), QLineEdit("some words")
        many.selectAll()
        one.selectAll()
        assert [key for key in ours if key not in GIVEN and (takes(many, key) or takes(one, key))] == []
        many.deleteLater()
        one.deleteLater()


async def test_commands_work_while_the_composer_has_the_keyboard(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        await person.click("chat.composer")
        for key, shown in (("F8", "chat.newFolder"), ("F9", "chat.back"), ("ctrl+k", "shell.palette.search")):
            await person.press(key)
            await until(partial(person.sees, shown), shown)
