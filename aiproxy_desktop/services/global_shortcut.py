"""A key that works in every window, through the desktop's portal. No Qt.

org.freedesktop.portal.GlobalShortcuts, https://flatpak.github.io/xdg-desktop-portal/docs/
(doc-org.freedesktop.portal.GlobalShortcuts, doc-org.freedesktop.portal.Request and .Session). The person
decides which keys it is, in a dialog of the desktop's.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.services.desktop_bus import BusError, BusLost, BusStopped, DesktopBus
from aiproxy_desktop.services.shortcut_portal import PortalGone, ShortcutPortal

# none: no portal, or one without such shortcuts; refused: by the person or the desktop; gone: it was there.
ShortcutTrouble: TypeAlias = Literal["", "none", "refused", "gone"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShortcutState:
    """How it stands.

    `available` is whether the desktop has such shortcuts at all; `bound` whether it gave us one, and
    `trigger` its keys in the desktop's own words, empty where it assigned none yet; `trouble` why there is
    none.
    """

    available: bool = False
    bound: bool = False
    trigger: str = ""
    trouble: ShortcutTrouble = ""


class GlobalShortcut:
    """One shortcut and the thread that hears of it.

    The callbacks come from that thread: they must only hand over and return.
    """

    def __init__(
        self,
        on_press: Callable[[], None],
        on_release: Callable[[], None],
        on_changed: Callable[[ShortcutState], None],
    ) -> None:
        """Make it; nothing happens before `look` or `ask`.

        Args:
            on_press: the keys went down.
            on_release: they went up, or nobody can tell any more.
            on_changed: there is another state.
        """
        self._on_press = on_press
        self._on_release = on_release
        self._on_changed = on_changed
        self._state = ShortcutState()
        self._lock = threading.Lock()  # guards the five below
        self._wanted = ""
        self._closing = False
        self._running = False  # until the thread has looked at what is wanted for the last time
        self._bus: DesktopBus | None = None
        self._thread: threading.Thread | None = None
        self._held = False  # the thread's own

    @property
    def state(self) -> ShortcutState:
        """What is known now. From any thread."""
        return self._state

    def available(self) -> bool:
        """Whether the desktop has such shortcuts, as far as is known."""
        return self._state.available

    def look(self) -> None:
        """Find out whether the desktop has such shortcuts; `on_changed` tells. Returns at once."""
        self._start()

    def ask(self, description: str) -> None:
        """Ask the desktop for it; `on_changed` tells. Returns at once.

        Args:
            description: what it does, for the person who is asked.
        """
        with self._lock:
            self._wanted = description
        self._start()

    def give_back(self) -> None:
        """Want it no more. Returns at once."""
        with self._lock:
            self._wanted = ""
            if self._bus is not None:
                self._bus.wake()

    def close(self) -> None:
        """Give it back and join the thread, which waits for nobody."""
        with self._lock:
            self._closing = True
            thread, self._thread = self._thread, None
            if self._bus is not None:
                self._bus.wake()
        if thread is not None:
            thread.join()

    def _start(self) -> None:
        with self._lock:
            if self._closing:
                return
            if self._bus is not None:
                self._bus.wake()
            if not self._running:
                self._running = True
                former = self._thread
                self._thread = threading.Thread(
                    target=self._run, args=(former,), name="global shortcut", daemon=True
                )
                self._thread.start()

    def _run(self, former: threading.Thread | None) -> None:
        if former is not None:
            former.join()  # it is at its end
        try:
            bus = DesktopBus(lambda: self._closing)
        except BusError as error:
            _log.debug("no shortcut for every window: %s", error)
            self._end(ShortcutState(trouble="none"))
            return
        with self._lock:
            self._bus = bus
        after = self._state
        try:
            self._serve(bus)
        except BusLost:
            after = ShortcutState(trouble="gone")
        except BusStopped:
            after = self._state
        finally:
            self._end(after)
            bus.close()

    def _end(self, after: ShortcutState) -> None:
        with self._lock:
            self._bus = None
            self._running = False
        self._let_go()
        self._show(after)

    def _serve(self, bus: DesktopBus) -> None:
        """Until the bus goes or the thread shall end: have what is wanted, and hear of it."""
        portal = ShortcutPortal(bus)
        portal.watch()
        self._meet(portal)
        while True:
            self._have_what_is_wanted(bus, portal)
            message = bus.receive()
            if message is None:
                continue
            owner = portal.owner_change(message)
            if owner is not None:
                self._owner_changed(portal, owner)
            elif portal.is_closed(message):
                portal.forget()
                self._refused()
            elif (pressed := portal.pressed(message)) is not None:
                self._press(pressed)
            elif (trigger := portal.trigger(message)) is not None:
                self._show(ShortcutState(available=True, bound=True, trigger=trigger))

    def _meet(self, portal: ShortcutPortal) -> None:
        known = portal.version() > 0
        self._show(ShortcutState(available=known, trouble="" if known else "none"))

    def _have_what_is_wanted(self, bus: DesktopBus, portal: ShortcutPortal) -> None:
        with self._lock:
            wanted = self._wanted
        if not wanted:
            if portal.has_session:
                portal.give_back()
                self._let_go()
                self._show(ShortcutState(available=True))
            return
        if portal.has_session or not self._state.available:
            return
        try:
            trigger = portal.bind(wanted, lambda: self._wanted == wanted)
        except (BusLost, BusStopped):
            raise
        except PortalGone:
            return  # the news of that comes next
        except BusError as error:
            _log.debug("the desktop gave no shortcut for every window: %s", error)
            if self._wanted == wanted:
                self._refused()
            else:
                bus.wake()  # something else is wanted meanwhile
            return
        self._show(ShortcutState(available=True, bound=True, trigger=trigger))

    def _refused(self) -> None:
        """Asked again only when the person wants it: what was refused would only be refused again."""
        with self._lock:
            self._wanted = ""
        self._let_go()
        self._show(ShortcutState(available=True, trouble="refused"))

    def _owner_changed(self, portal: ShortcutPortal, owner: str) -> None:
        portal.forget()
        self._let_go()
        if owner:
            self._meet(portal)
        else:
            self._show(ShortcutState(trouble="gone"))

    def _press(self, pressed: bool) -> None:
        if pressed and not self._held:
            self._held = True
            self._on_press()
        elif not pressed:
            self._let_go()

    def _let_go(self) -> None:
        if self._held:
            self._held = False
            self._on_release()

    def _show(self, state: ShortcutState) -> None:
        if state != self._state:
            self._state = state
            self._on_changed(state)
