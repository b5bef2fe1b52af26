"""The whole window by keys alone: Tab reaches every button, in the order in which the eye meets them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from tests.application import running
from tests.secret_service import SecretService
from tests.ui.chat_parts import answer
from tests.ui.chat_window import opened
from tests.ui.compare_parts import compared
from tests.waiting import until

ANSWER = "So:\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd."

# Tab reaches one of these, and the arrows the others beside it.
BY_ARROWS = ("shell.rail.", "settings.nav.", "settings.appearance.theme.", "settings.data.every.")


async def way_of_tab(window: QWidget, start: QWidget) -> list[str]:
    """What Tab reaches, once round."""
    start.setFocus()
    way: list[str] = []
    while True:
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
        await asyncio.sleep(0)
        focused = QApplication.focusWidget()
        assert focused is not None, way
        way.append(focused.objectName())
        assert len(way) < 200, way
        if focused is start:
            return way


def unreached(window: QWidget, way: list[str]) -> list[str]:
    """Buttons that can be pressed now and that neither Tab nor the arrows reach."""
    groups = [group for group in BY_ARROWS if any(name.startswith(group) for name in way)]
    return [
        button.objectName()
        for button in window.findChildren(QAbstractButton)
        if button.isVisible()
        and button.isEnabled()
        and button.objectName() not in way
        and not button.objectName().startswith(tuple(groups))
    ]


async def test_a_conversation_from_the_composer_round_to_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.window.resize(1280, 800)
        window.parts.model.play(*answer(ANSWER))
        await window.ask("Show me")
        await window.answered()
        await until(lambda: window.shows("chat.transcript.copyCode"), "the button on the code")
        window.press(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
        await until(lambda: window.shows("chat.findBar.field"), "the find bar")
        way = await way_of_tab(window.window, window.composer)
        assert unreached(window.window, way) == []
        assert way == [
            *("chat.attach", "chat.modelPicker", "shell.rail.chat"),
            *(
                "chat.newChat",
                "chat.search",
                "chat.conversations",
                "chat.shelf.folders",
                "chat.shelf.archived",
            ),
            *("chat.find", "chat.compare.begin", "chat.options"),
            *("chat.findBar.field", "chat.findBar.previous", "chat.findBar.next", "chat.findBar.close"),
            *("chat.transcript", "chat.transcript.copyCode", "chat.transcript.saveCode"),
            *(f"chat.transcript.{name}" for name in ("copyTable", "copy", "regenerate", "branch", "delete")),
            "chat.composer",
        ]


async def test_models_side_by_side(tmp_path: Path) -> None:
    async with compared(tmp_path, 3) as (window, _quartet):
        assert unreached(window.window, await way_of_tab(window.window, window.composer)) == []
        await window.ask("Who are you?")
        await until(lambda: not window.parts.view_model.answers.conversations(), "the answers")
        way = await way_of_tab(window.window, window.composer)
        assert unreached(window.window, way) == []
        assert [name for name in way if "keep" in name] == [f"chat.compare.keep.{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("part", ["providers", "chat", "presets", "appearance", "data", "about"])
async def test_settings(aiproxy_home: Path, no_secret_service: SecretService, part: str) -> None:
    async with running(aiproxy_home) as person:
        person.window.show_page(f"settings.{part}")
        await until(lambda: person.sees(f"settings.{part}"), part)
        if part == "providers":
            await until(lambda: person.sees("settings.provider.ollama.test"), "what was looked for")
            await until(lambda: person.sees("settings.keyring.lookAgain"), "that there is no keyring")
        if part == "about":
            await until(lambda: person.sees("settings.about.component.1"), "what it is made of")
        start = person.find(f"settings.nav.{part}", QWidget)
        assert unreached(person.window, await way_of_tab(person.window, start)) == []


async def test_the_first_page_and_the_folders(aiproxy_home: Path) -> None:
    async with running(aiproxy_home) as person:
        await until(lambda: person.sees("chat.firstRun.ollama"), "what was found")
        composer = person.find("chat.composer", QWidget)
        assert unreached(person.window, await way_of_tab(person.window, composer)) == []
        await person.press("F8")
        await until(lambda: person.sees("chat.newFolder"), "the folders")
        assert unreached(person.window, await way_of_tab(person.window, composer)) == []
