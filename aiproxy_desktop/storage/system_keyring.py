"""The operating system's keyring. Everything here blocks, some of it for ever: call it on a thread."""

from __future__ import annotations

from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from aiproxy_desktop.system import keyring_modules

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "aiproxy-desktop"

# What a person calls the keyring behind a module; one that is not here must be asked for its name.
_NAMES = {
    "keyring.backends.kwallet": "KWallet",
    "keyring.backends.macOS": "macOS Keychain",
    "keyring.backends.Windows": "Windows Credential Manager",
}

# Who owns org.freedesktop.secrets on the bus, by the first letters of its process's name.
_SECRET_SERVICES = {
    "gnome-keyring": "GNOME Keyring",
    "keepassxc": "KeePassXC",
    "ksecretd": "KWallet",
    "kwalletd": "KWallet",
    "oo7": "oo7",
}
_ANY_SERVICE = "the system keyring"


class NoKeyringError(Exception):
    """There is no keyring to ask."""


class SystemKeyring:
    """One keyring of the system, found by `find`."""

    def __init__(self, backend: KeyringBackend, name: str) -> None:
        self._backend = backend
        self.name = name

    @classmethod
    def find(cls) -> SystemKeyring:
        """The best keyring there is now.

        Raises:
            NoKeyringError: there is none.
        """
        from keyring.backend import KeyringBackend

        # Whatever else is installed or configured for the keyring package may be a plain file, where keys
        # must never go. Other systems' are not even loaded: one starts a compiler to look for its library.
        trusted = keyring_modules()
        for module in trusted:
            import_module(module)
        usable = [kind for kind in KeyringBackend.get_viable_backends() if kind.__module__ in trusted]
        if not usable:
            raise NoKeyringError
        best = max(usable, key=lambda kind: float(kind.priority))
        return cls(best(), _NAMES.get(best.__module__) or _secret_service_name())

    def get(self, username: str) -> str | None:
        """The secret kept under this name, or None."""
        return self._backend.get_password(SERVICE, username)

    def set(self, username: str, secret: str) -> None:
        """Keep a secret under this name, in place of an older one."""
        self._backend.set_password(SERVICE, username, secret)

    def delete(self, username: str) -> None:
        """Forget the secret kept under this name, if there is one."""
        if self._backend.get_password(SERVICE, username) is not None:
            self._backend.delete_password(SERVICE, username)


def _secret_service_name() -> str:
    """What a person calls the program behind the Secret Service."""
    try:
        import secretstorage
        from jeepney.bus_messages import message_bus  # type: ignore[import-untyped]  # it ships none
        from jeepney.io.blocking import Proxy  # type: ignore[import-untyped]  # it ships none

        with closing(secretstorage.dbus_init()) as connection:
            pid = Proxy(message_bus, connection).GetConnectionUnixProcessID("org.freedesktop.secrets")[0]
        process = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    except Exception:  # noqa: BLE001 - only a name is at stake, and the bus may answer anything
        return _ANY_SERVICE
    names = (name for start, name in _SECRET_SERVICES.items() if process.startswith(start))
    return next(names, _ANY_SERVICE)
