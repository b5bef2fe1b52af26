"""Tests of widgets: a QApplication on a private X server, async tests on qasync (see tests/conftest.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
from PySide6.QtWidgets import QApplication

from tests.qt_loop import qt_event_loop


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every async test of this folder runs on qasync."""
    return {"qasync": qt_event_loop}


@pytest.fixture(scope="session", autouse=True)
def qapp(display: str, qapp: QApplication) -> QApplication:
    """The one QApplication of the test session."""
    qapp.setQuitOnLastWindowClosed(False)
    return qapp
