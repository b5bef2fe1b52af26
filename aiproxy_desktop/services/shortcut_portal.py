"""What is said to the desktop's portal for a shortcut, and what it says. No Qt.

https://flatpak.github.io/xdg-desktop-portal/docs/: GlobalShortcuts, Request, Session, and the registry by
which a program outside of a sandbox says which application it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Any

from aiproxy_desktop.project import COMMAND
from aiproxy_desktop.services.desktop_bus import BusError, BusLost, BusStopped, DesktopBus

PORTAL = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
_REQUEST = "org.freedesktop.portal.Request"
_SESSION = "org.freedesktop.portal.Session"
_REGISTRY = "org.freedesktop.host.portal.Registry"
_BUS = "org.freedesktop.DBus"
_ID = "talk"
# As https://specifications.freedesktop.org/shortcuts-spec/ writes keys; the person may choose others.
_PREFERRED = "CTRL+ALT+space"
# A portal may have to be started first.
_SECONDS = 25.0


class PortalGone(BusError):  # noqa: N818 - it says what became of it
    """The portal went away while it was asked."""


class ShortcutPortal:
    """Speaks over one bus; it belongs to the bus's thread.

    Every method may raise `BusLost` and `BusStopped`. What it hears counts only from who the portal is.
    """

    def __init__(self, bus: DesktopBus) -> None:
        self._bus = bus
        self._session = ""
        self._owner = ""

    @property
    def has_session(self) -> bool:
        """Whether the portal holds a shortcut for us."""
        return bool(self._session)

    def watch(self) -> None:
        """Hear of the portal, and of what it says."""
        from jeepney.bus_messages import (  # type: ignore[import-untyped]  # it ships none
            MatchRule,
            message_bus,
        )

        coming = MatchRule(type="signal", sender=_BUS, interface=_BUS, member="NameOwnerChanged")
        coming.add_arg_condition(0, PORTAL)
        for rule in (
            coming,
            MatchRule(type="signal", sender=PORTAL, interface=_SHORTCUTS),
            MatchRule(type="signal", sender=PORTAL, interface=_REQUEST),
            MatchRule(type="signal", sender=PORTAL, interface=_SESSION),
        ):
            self._bus.call(message_bus.AddMatch(rule), _SECONDS)

    def version(self) -> int:
        """Of its shortcuts; 0 where it has none, or where there is no portal."""
        from jeepney.bus_messages import message_bus

        asked = (_SHORTCUTS, "version")
        try:
            self._tell_who_we_are()
            found = self._call("org.freedesktop.DBus.Properties", "Get", "ss", asked, _PATH)
            self._owner = str(self._bus.call(message_bus.GetNameOwner(PORTAL), _SECONDS)[0])
            return int(found[0][1])
        except (BusLost, BusStopped):
            raise
        except (BusError, TypeError, ValueError, IndexError):
            return 0

    def bind(self, description: str, wanted: Callable[[], bool]) -> str:
        """Ask for the shortcut, which may open a dialog of the desktop's; what it assigned, in its own words.

        Args:
            description: what the shortcut does, for that dialog.
            wanted: looked at whenever the thread is woken; false takes the request back.

        Raises:
            PortalGone: what was asked is void.
            BusError: it was refused, or is not wanted any more.
        """
        options = {"session_handle_token": ("s", _token())}
        found = self._request("CreateSession", "a{sv}", (), options, wanted)
        self._session = str(_value(found.get("session_handle"), ""))
        if not self._session:
            raise BusError("no session")
        keys = {"description": ("s", description), "preferred_trigger": ("s", _PREFERRED)}
        try:
            asked = (self._session, [(_ID, keys)], "")
            found = self._request("BindShortcuts", "oa(sa{sv})sa{sv}", asked, {}, wanted)
        except (BusLost, BusStopped, PortalGone):
            raise
        except BusError:
            self.give_back()
            raise
        listed = _value(found.get("shortcuts"), None)
        # One that lists nothing at all has bound what it was asked to.
        trigger = "" if listed is None else _trigger(listed)
        if trigger is None:
            self.give_back()
            raise BusError("no shortcut")
        return trigger

    def give_back(self) -> None:
        """End the session, and with it the shortcut."""
        session, self._session = self._session, ""
        if not session:
            return
        try:
            self._call(_SESSION, "Close", "", (), session)
        except (BusLost, BusStopped):
            raise
        except BusError:
            return  # it is gone already

    def forget(self) -> None:
        """The portal has ended it."""
        self._session = ""

    def owner_change(self, message: Any) -> str | None:
        """Who the portal is from now on, empty for nobody; None where that is no news."""
        if not _is(message, _BUS, "NameOwnerChanged", _BUS) or len(message.body) != 3:
            return None
        name, _former, owner = message.body
        return str(owner) if name == PORTAL and owner != self._owner else None

    def is_closed(self, message: Any) -> bool:
        """Whether the portal ends our session."""
        return bool(self._session) and _is(message, _SESSION, "Closed", self._owner, self._session)

    def pressed(self, message: Any) -> bool | None:
        """Whether the keys went down or up; None where the message is another."""
        for member, pressed in (("Activated", True), ("Deactivated", False)):
            if _is(message, _SHORTCUTS, member, self._owner) and tuple(message.body[:2]) == (
                self._session,
                _ID,
            ):
                return pressed
        return None

    def trigger(self, message: Any) -> str | None:
        """Which keys it is from now on; None where the message is another."""
        if not _is(message, _SHORTCUTS, "ShortcutsChanged", self._owner):
            return None
        session, shortcuts = message.body
        return _trigger(shortcuts) if session == self._session else None

    def _tell_who_we_are(self) -> None:
        """Without a name a portal remembers nothing; older ones find it out themselves."""
        try:
            self._call(_REGISTRY, "Register", "sa{sv}", (COMMAND, {}), _PATH)
        except (BusLost, BusStopped):
            raise
        except BusError:
            return

    def _call(
        self, interface: str, member: str, signature: str, body: tuple[Any, ...], path: str
    ) -> tuple[Any, ...]:
        from jeepney.wrappers import DBusAddress, new_method_call  # type: ignore[import-untyped]  # it ships none

        address = DBusAddress(path, bus_name=PORTAL, interface=interface)
        return self._bus.call(new_method_call(address, member, signature or None, body), _SECONDS)

    def _request(
        self,
        member: str,
        signature: str,
        arguments: Sequence[Any],
        options: dict[str, tuple[str, Any]],
        wanted: Callable[[], bool],
    ) -> dict[str, Any]:
        """Call what answers by a signal, however long a person takes over it."""
        options = options | {"handle_token": ("s", _token())}
        (handle,) = self._call(_SHORTCUTS, member, signature, (*arguments, options), _PATH)
        kept: list[Any] = []
        try:
            while True:
                message = self._bus.receive()
                if message is None:
                    if not wanted():
                        self._take_back(handle)
                        raise BusError("not wanted any more")
                    continue
                if _is(message, _REQUEST, "Response", self._owner, handle):
                    code, results = message.body
                    if code:
                        raise BusError(f"refused ({code})")
                    return dict(results)
                kept.append(message)
                if self.owner_change(message) is not None:
                    raise PortalGone("the portal has gone")
        finally:
            self._bus.put_back(kept)

    def _take_back(self, request: str) -> None:
        try:
            self._call(_REQUEST, "Close", "", (), request)
        except (BusLost, BusStopped):
            raise
        except BusError:
            return  # it was answered just now


def _is(message: Any, interface: str, member: str, sender: str, path: str = "") -> bool:
    from jeepney.low_level import (  # type: ignore[import-untyped]  # it ships none
        HeaderFields,
        MessageType,
    )

    fields = message.header.fields
    return (
        message.header.message_type == MessageType.signal
        and fields.get(HeaderFields.sender) == sender
        and fields.get(HeaderFields.interface) == interface
        and fields.get(HeaderFields.member) == member
        and (not path or fields.get(HeaderFields.path) == path)
    )


def _token() -> str:
    return f"aiproxy{secrets.token_hex(8)}"


def _value(variant: Any, default: Any) -> Any:
    """What a variant holds: jeepney reads one as (signature, value)."""
    return variant[1] if isinstance(variant, tuple) and len(variant) == 2 else default


def _trigger(shortcuts: Sequence[Any]) -> str | None:
    """The keys of ours among what the portal lists; None where ours is not there."""
    for name, facts in shortcuts:
        if name == _ID:
            return str(_value(facts.get("trigger_description"), ""))
    return None
