"""The fixtures themselves: what they must let through."""

from __future__ import annotations

import asyncio
import logging
import os

import qasync
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.guards import LogGuard
from tests.waiting import until


async def test_async_tests_run_on_qasync() -> None:
    assert isinstance(asyncio.get_running_loop(), qasync.QEventLoop)


async def test_a_widget_lives_in_an_async_test(qtbot: QtBot) -> None:
    button = QPushButton("Send")
    clicks: list[int] = []
    button.clicked.connect(lambda: clicks.append(1))
    qtbot.addWidget(button)
    button.show()
    await until(button.isVisible)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: clicks, "the click")


def test_timers_run_in_a_plain_test(qtbot: QtBot) -> None:
    fired: list[int] = []
    QTimer.singleShot(0, lambda: fired.append(1))
    qtbot.waitUntil(lambda: bool(fired))


async def test_work_in_a_thread_ends_with_the_loop() -> None:
    result = await asyncio.get_running_loop().run_in_executor(None, sum, (1, 2))
    assert result == 3


def test_an_announced_record_is_no_failure(expected_logs: LogGuard) -> None:
    expected_logs.expect("WARNING fixture: a disk is full")
    logging.getLogger("fixture").warning("a disk is full")


def test_the_environment_is_private() -> None:
    assert "DBUS_SESSION_BUS_ADDRESS" not in os.environ
    assert "aiproxy-tests-" in os.environ["HOME"]
