"""Tests and screen readers find every widget a person can use: by its object name, and by what is spoken."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.source import REPOSITORY

Seen = dict[str, list[dict[str, str]]]


@pytest.fixture(scope="module")
def seen(display: str, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Every interactive widget of each page of the real window."""
    home = tmp_path_factory.mktemp("walk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIPROXY_HOME", str(home))
        patch.setenv("DISPLAY", display)
        done = subprocess.run(
            [sys.executable, "-m", "tests.window_walk"],
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    found: Seen = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_page_has_widgets(seen: Seen) -> None:
    assert seen
    assert all(len(widgets) > 3 for widgets in seen.values())


def test_every_interactive_widget_has_an_object_name(seen: Seen) -> None:
    assert not [widget for widgets in seen.values() for widget in widgets if not widget["name"]]


def test_every_interactive_widget_has_an_accessible_name(seen: Seen) -> None:
    assert not [widget for widgets in seen.values() for widget in widgets if not widget["spoken"].strip()]


def test_object_names_are_unique_on_a_page(seen: Seen) -> None:
    for page, widgets in seen.items():
        names = [widget["name"] for widget in widgets]
        assert not {name for name in names if names.count(name) > 1}, page
