"""A desktop's portal for shortcuts on a private bus: answers as it is told, presses when it is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jeepney import (  # type: ignore[import-untyped]  # it ships none
    DBusAddress,
    HeaderFields,
    MessageType,
    new_error,
    new_method_return,
    new_signal,
)
from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # it ships none
from jeepney.io.blocking import (  # type: ignore[import-untyped]  # it ships none
    Proxy,
    open_dbus_connection,
)

NAME = "org.freedesktop.portal.Desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
_PATH = "/org/freedesktop/portal/desktop"


class Portal:
    """One portal process' worth. `answer` is the response of a request: 0 yes, 1 no, None never."""

    def __init__(self, address: str, *, version: int = 1, name: str = NAME) -> None:
        self.version = version
        self.answer: int | None = 0
        self.session = ""
        self.asked: list[dict[str, Any]] = []  # the shortcuts' facts, as given
        self.applications: list[str] = []
        self.closed: list[str] = []  # paths of requests and sessions that were closed
        self._connection = open_dbus_connection(address)
        if name:
            Proxy(message_bus, self._connection).RequestName(name)
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="portal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Leave the bus."""
        self._ending.set()
        self._thread.join()
        self._connection.close()

    def press(self, member: str = "Activated", *, session: str = "", shortcut: str = "talk") -> None:
        """The keys of a shortcut go down, or (`Deactivated`) up."""
        self._emit(SHORTCUTS, member, "osta{sv}", (session or self.session, shortcut, 0, {}))

    def change(self, trigger: str) -> None:
        """The person chose other keys in the desktop's settings."""
        listed = [("talk", {"trigger_description": ("s", trigger)})]
        self._emit(SHORTCUTS, "ShortcutsChanged", "oa(sa{sv})", (self.session, listed))

    def _emit(self, interface: str, member: str, signature: str, body: Any, path: str = _PATH) -> None:
        signal = new_signal(DBusAddress(path, interface=interface), member, signature, body)
        self._connection.send(signal)

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                message = self._connection.receive(timeout=0.05)
            except TimeoutError:
                continue
            except OSError:
                return  # the bus went
            if message.header.message_type == MessageType.method_call:
                self._answer(message)

    def _answer(self, call: Any) -> None:
        fields = call.header.fields
        member, path = fields[HeaderFields.member], fields[HeaderFields.path]
        if member == "Get":
            if self.version:
                self._reply(call, "v", (("u", self.version),))
            else:
                error = new_error(call, "org.freedesktop.DBus.Error.UnknownInterface")
                self._connection.send(error)
        elif member == "Register":
            self.applications.append(call.body[0])
            self._reply(call)
        elif member == "Close":
            self.closed.append(path)
            self._reply(call)
        elif member == "CreateSession":
            options = call.body[0]
            self.session = f"{_PATH}/session/x/{options['session_handle_token'][1]}"
            self._respond(call, options, 0, {"session_handle": ("s", self.session)})
        elif member == "BindShortcuts":
            _session, shortcuts, _window, options = call.body
            self.asked.append({name: value for name, (_kind, value) in dict(shortcuts)["talk"].items()})
            listed = [("talk", {"trigger_description": ("s", "Ctrl+Alt+Space")})]
            if self.answer is not None:
                self._respond(call, options, self.answer, {"shortcuts": ("a(sa{sv})", listed)})
            else:
                self._reply(call, "o", (f"{_PATH}/request/x/{options['handle_token'][1]}",))

    def _respond(self, call: Any, options: Any, code: int, results: dict[str, Any]) -> None:
        request = f"{_PATH}/request/x/{options['handle_token'][1]}"
        # Before the reply, as may happen.
        self._emit("org.freedesktop.portal.Request", "Response", "ua{sv}", (code, results), request)
        self._reply(call, "o", (request,))

    def _reply(self, call: Any, signature: str | None = None, body: Any = ()) -> None:
        self._connection.send(new_method_return(call, signature, body))


@contextmanager
def portal_on(address: str, *, version: int = 1, name: str = NAME) -> Iterator[Portal]:
    """A portal until the block ends."""
    portal = Portal(address, version=version, name=name)
    try:
        yield portal
    finally:
        portal.close()
