"""Tests with real parts: sockets, models, keyrings, processes, windows (see tests/conftest.py)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

import pytest
from PySide6.QtWidgets import QApplication

from tests.qt_loop import qt_event_loop


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Qasync for tests marked `qt`, asyncio's own loop for the rest."""
    if item.get_closest_marker("qt") is not None:
        return {"qasync": qt_event_loop}
    return {"asyncio": asyncio.new_event_loop}


@pytest.fixture(scope="session")
def qapp(display: str, qapp: QApplication) -> QApplication:
    """The one QApplication of the test session, on a private X server."""
    qapp.setQuitOnLastWindowClosed(False)
    return qapp


@pytest.fixture(autouse=True)
def _application_for_marked_tests(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("qt") is not None:
        request.getfixturevalue("qapp")
