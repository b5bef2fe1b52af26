"""A question without an answer, after a deletion or in a new branch, is answered by one key."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.chat_parts import answer
from tests.ui.chat_window import Window, opened
from tests.waiting import until


def offered(window: Window, index: int) -> tuple[str, ...]:
    return window.transcript.column.views[index].message.actions


async def answer_with_a_key(window: Window) -> None:
    window.transcript.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(window.transcript, Qt.Key.Key_End)
    await until(lambda: window.transcript.navigation.current == 0, "the question has the keys")
    QTest.keyClick(window.transcript, Qt.Key.Key_A)
    await until(lambda: len(window.parts.view_model.messages) == 2, "an answer")
    await window.answered_anew()


async def test_after_its_answer_was_deleted(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("Why?")
        await window.answered()
        view_model = window.parts.view_model
        assert "answer" not in offered(window, 0)
        view_model.branching.delete(view_model.messages[1].id)
        await until(lambda: window.transcript.column.count == 1, "the answer is gone")
        assert "answer" in offered(window, 0)
        await answer_with_a_key(window)
        assert [message.text for message in view_model.messages] == ["Why?", "Good day"]
        assert "answer" not in offered(window, 0)
        assert len(window.parts.model.requests) == 2


async def test_in_a_branch_that_ends_with_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        await window.ask("Why?")
        await window.answered()
        view_model = window.parts.view_model
        former = view_model.messages[0].id
        view_model.branching.branch(former)
        await until(lambda: view_model.messages and view_model.messages[0].id != former, "the branch")
        await until(lambda: "answer" in offered(window, 0))
        await answer_with_a_key(window)
        assert window.parts.model.requests[-1].messages[-1].text == "Why?"


async def test_not_while_it_is_being_answered(tmp_path: Path) -> None:
    async with opened(tmp_path) as window:
        window.parts.model.play(*answer("Good ", "day"), delay=0.3)
        await window.ask("Why?")
        await until(lambda: window.transcript.column.count == 2, "both are shown")
        assert offered(window, 0) == ("copy", "branch")
        await window.answered()
        assert offered(window, 0) == ("edit", "copy", "branch", "delete")
