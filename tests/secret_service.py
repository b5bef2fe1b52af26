"""Real Secret Services on private buses, for whoever tests where keys go.

- `secret_service`: GNOME Keyring, unlocked, in a fresh home; `.lookup("openai")` asks as another process.
- `hanging_secret_service`: the same, but it does not answer until `.answer_again()`.
- `locked_secret_service`: GNOME Keyring with nobody to unlock it; it asks for a password and waits.
- `no_secret_service`: a bus without one.

Each points DBUS_SESSION_BUS_ADDRESS at its bus while the test runs. Without any of them there is no bus.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aiproxy_desktop.storage.system_keyring import SERVICE

_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""
_SECRETS = "org.freedesktop.secrets"
_START_SECONDS = 60.0


class SecretService:
    """One private bus, and on it perhaps a keyring.

    Args:
        folder: for all that it writes; the bus is in it.
        starting: a command that starts those after it, as another user say, to whom the bus then belongs.
    """

    def __init__(self, folder: Path, starting: tuple[str, ...] = ()) -> None:
        self._folder = folder
        self._starting = starting
        self._processes: list[subprocess.Popen[bytes]] = []
        self.address = f"unix:path={folder}/bus"
        self.home = folder / "home"
        runtime = folder / "run"
        self.home.mkdir()
        runtime.mkdir(mode=0o700)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
            "DBUS_SESSION_BUS_ADDRESS": self.address,
        }

    def start_bus(self) -> None:
        """Start the bus; nothing is on it, and nothing is started for whoever asks."""
        config = self._folder / "bus.conf"
        config.write_text(_CONFIG.format(folder=self._folder))
        self._start("dbus-daemon", f"--config-file={config}", "--nofork")
        _wait_until((self._folder / "bus").exists, "the bus")

    def start_keyring(self, password: bytes | None) -> None:
        """Start GNOME Keyring, unlocked with a password, or locked."""
        how = [] if password is None else ["--unlock"]
        daemon = self._start("gnome-keyring-daemon", "--foreground", "--components=secrets", *how)
        assert daemon.stdin is not None
        daemon.stdin.write(password or b"")
        daemon.stdin.close()
        _wait_until(self._keyring_is_there, "the keyring")

    def stop_answering(self) -> None:
        """The keyring stays on the bus and says nothing."""
        self._processes[-1].send_signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        """It goes on, and answers what it was asked meanwhile."""
        self._processes[-1].send_signal(signal.SIGCONT)

    def lookup(self, username: str) -> str | None:
        """The secret as another process reads it, or None."""
        found = subprocess.run(
            [*self._starting, "secret-tool", "lookup", "service", SERVICE, "username", username],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
        )
        return found.stdout if found.returncode == 0 else None

    def store(self, username: str, secret: str) -> None:
        """Put a secret in as another process does."""
        subprocess.run(
            [
                *self._starting,
                "secret-tool",
                "store",
                "--label=test",
                "service",
                SERVICE,
                "username",
                username,
            ],
            env=self.environment,
            input=secret.encode(),
            check=True,
            timeout=_START_SECONDS,
        )

    def end(self) -> None:
        """End keyring and bus."""
        for process in reversed(self._processes):
            if process.stdin is not None:
                process.stdin.close()
            process.kill()
            process.wait()

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        with (self._folder / f"{command[0]}.log").open("wb") as log:
            process = subprocess.Popen(
                [*self._starting, *command],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self._processes.append(process)
        return process

    def _keyring_is_there(self) -> bool:
        asked = subprocess.run(
            [
                *(*self._starting, "dbus-send", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/"),
                *("org.freedesktop.DBus.NameHasOwner", f"string:{_SECRETS}"),
            ],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=_START_SECONDS,
        )
        return "true" in asked.stdout


@contextmanager
def private_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """A bus of the test's own, which this process uses too."""
    # Not below tmp_path: the name of a socket is at most 107 bytes long.
    folder = Path(tempfile.mkdtemp(prefix="bus-"))
    service = SecretService(folder)
    try:
        service.start_bus()
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", service.address)
        yield service
    finally:
        service.end()
        shutil.rmtree(folder)


@pytest.fixture
def secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """GNOME Keyring, unlocked."""
    with private_bus(monkeypatch) as service:
        service.start_keyring(b"a password\n")
        yield service


@pytest.fixture
def hanging_secret_service(secret_service: SecretService) -> SecretService:
    """GNOME Keyring that does not answer."""
    _excuse_connections()
    secret_service.stop_answering()
    return secret_service


@pytest.fixture
def locked_secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """GNOME Keyring that waits for a password nobody can give."""
    _excuse_connections()
    with private_bus(monkeypatch) as service:
        service.start_keyring(None)
        yield service


@pytest.fixture
def no_secret_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[SecretService]:
    """A bus without a keyring."""
    with private_bus(monkeypatch) as service:
        yield service


def _excuse_connections() -> None:
    # The keyring package leaves its connection to the collector when a call of its own fails. The filter
    # lasts until the test has ended, when pytest puts its own back.
    warnings.filterwarnings("ignore", "unclosed <socket", ResourceWarning)


def files_holding(folder: Path, secret: str) -> list[str]:
    """The files below `folder` that hold a secret, each with the encoding it is in."""
    found: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            content = file.read_bytes()
            found += [f"{file}: {name}" for name, form in _forms(secret).items() if form in content]
    return found


def _forms(secret: str) -> dict[str, bytes]:
    plain = secret.encode()
    forms = {
        "utf-8": plain,
        "utf-16-le": secret.encode("utf-16-le"),
        "utf-16-be": secret.encode("utf-16-be"),
        "utf-32-le": secret.encode("utf-32-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "percent": "".join(f"%{byte:02X}" for byte in plain).encode(),
        "escaped": "".join(f"\\u{byte:04x}" for byte in plain).encode(),
        "base32": base64.b32encode(plain).rstrip(b"="),
        "ascii85": base64.a85encode(plain),
        "base85": base64.b85encode(plain),
        "rot13": secret.translate(_ROT13).encode(),
        "bitwise not": bytes(byte ^ 0xFF for byte in plain),
    }
    # Wherever it stands in the encoded text; the characters shared with its neighbours are left out.
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        inner = encoded[(0, 2, 3)[shift] : len(encoded) // 4 * 4 - 4]
        forms[f"base64+{shift}"] = inner
        forms[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return forms | {f"{name}, reversed": form[::-1] for name, form in forms.items()}


_LOWER, _UPPER = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ROT13 = str.maketrans(_LOWER + _UPPER, _LOWER[13:] + _LOWER[:13] + _UPPER[13:] + _UPPER[:13])


def _wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what} never came"
        time.sleep(0.02)
