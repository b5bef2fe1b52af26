"""A key that works in every window: a real bus, and a portal that answers as desktops do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from aiproxy_desktop.services.global_shortcut import GlobalShortcut, ShortcutState
from tests.desktop_portal import portal_on
from tests.secret_service import private_bus
from tests.waiting import until_now

WORDS = "Talk with the model"
BOUND = ShortcutState(available=True, bound=True, trigger="Ctrl+Alt+Space")


@dataclass
class Heard:
    """What came of the shortcut, in order."""

    shortcut: GlobalShortcut
    keys: list[str] = field(default_factory=list)
    states: list[ShortcutState] = field(default_factory=list)

    def wait_for(self, state: ShortcutState) -> None:
        until_now(lambda: self.shortcut.state == state, f"{state}, not {self.states}")


@contextmanager
def listening() -> Iterator[Heard]:
    keys: list[str] = []
    states: list[ShortcutState] = []
    shortcut = GlobalShortcut(lambda: keys.append("down"), lambda: keys.append("up"), states.append)
    try:
        yield Heard(shortcut, keys, states)
    finally:
        shortcut.close()  # the guards see whether its thread is gone


def test_it_is_asked_for_pressed_changed_and_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(monkeypatch) as bus, portal_on(bus.address) as portal, listening() as heard:
        heard.shortcut.look()
        heard.wait_for(ShortcutState(available=True))
        assert not portal.asked  # looking opens no dialog
        heard.shortcut.ask(WORDS)
        heard.wait_for(BOUND)
        assert portal.asked == [{"description": WORDS, "preferred_trigger": "CTRL+ALT+space"}]
        assert portal.applications == ["aiproxy-desktop"]
        with portal_on(bus.address, name="") as impostor:
            impostor.press(session=portal.session)
        portal.press(session=f"{portal.session}x")
        portal.press(shortcut="other")
        for member in ("Activated", "Activated", "Deactivated", "Activated", "Deactivated"):
            portal.press(member)
        portal.change("Meta+Space")
        heard.wait_for(ShortcutState(available=True, bound=True, trigger="Meta+Space"))
        assert heard.keys == ["down", "up"] * 2
        heard.shortcut.give_back()
        heard.wait_for(ShortcutState(available=True))
        until_now(lambda: portal.closed == [portal.session])
        heard.shortcut.ask(WORDS)
        heard.wait_for(BOUND)


def test_a_desktop_without_such_shortcuts_is_said_to_be_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    none = ShortcutState(trouble="none")
    for address in ("", "nonsense", f"unix:path={tmp_path}/none"):
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with listening() as heard:
            heard.shortcut.ask(WORDS)
            heard.wait_for(none)
    with private_bus(monkeypatch) as bus, listening() as heard:
        heard.shortcut.ask(WORDS)
        heard.wait_for(none)  # a bus, and no portal on it
        with portal_on(bus.address, version=0):
            heard.shortcut.look()
        # One that comes later is met.
        with portal_on(bus.address):
            heard.wait_for(BOUND)


def test_a_refusal_is_taken_and_not_asked_again_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(monkeypatch) as bus, portal_on(bus.address) as portal, listening() as heard:
        portal.answer = 1
        heard.shortcut.ask(WORDS)
        heard.wait_for(ShortcutState(available=True, trouble="refused"))
        assert len(portal.asked) == 1
        portal.answer = 0
        heard.shortcut.ask(WORDS)
        heard.wait_for(BOUND)


def test_nobody_waits_for_a_portal_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus(monkeypatch) as bus, portal_on(bus.address) as portal:
        portal.answer = None
        with listening() as heard:
            heard.shortcut.ask(WORDS)
            until_now(lambda: portal.asked)
            heard.shortcut.give_back()
            until_now(lambda: len(portal.closed) == 2, "the request and the session taken back")
            assert heard.shortcut.state == ShortcutState(available=True)
            heard.shortcut.ask(WORDS)
            until_now(lambda: len(portal.asked) == 2)
        assert heard.states == [ShortcutState(available=True)]


def test_what_is_held_is_let_go_where_portal_or_bus_go(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = ShortcutState(trouble="gone")
    with private_bus(monkeypatch) as bus, listening() as heard:
        with portal_on(bus.address) as portal:
            heard.shortcut.ask(WORDS)
            heard.wait_for(BOUND)
            portal.press()
            until_now(lambda: heard.keys == ["down"])
        heard.wait_for(gone)
        assert heard.keys == ["down", "up"]
        with portal_on(bus.address) as portal:  # it is had again by itself
            heard.wait_for(BOUND)
            portal.press()
            until_now(lambda: len(heard.keys) == 3)
            bus.end()
            heard.wait_for(gone)
        assert heard.keys == ["down", "up"] * 2
        heard.shortcut.ask(WORDS)
        heard.wait_for(ShortcutState(trouble="none"))
