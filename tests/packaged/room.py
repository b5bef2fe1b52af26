"""A room: a clean Debian in which a person installs the application and uses it, apart from this machine.

    with Room.over(clean_root()) as room:
        room.root("apt-get", "install", "-y", "/srv/x.deb")
        room.person("aiproxy-desktop", "--version").said

What runs in it sees its own files and processes alone; it ends, and its mounts go, with the room. What a
desktop gives (a display, a keyring, sound) runs outside and is let in by its sockets, see `desk`: nothing has
to be installed for it, so that a dependency the package forgot is missed.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.packaged.clean_root import ARCHIVES, FOLDER, HOME, PERSON, NoRoomError

_PATIENCE = 600.0
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ROOTS = {"PATH": _PATH, "HOME": "/root", "LANG": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"}
_SKELETON = (".bashrc", ".bash_logout", ".profile")
# Run as the first process of the room. Its own mounts are nobody else's and end with it.
_BUILD = """
{limit}
mkdir -p {own} {work} {merged}
mount -t overlay overlay -o lowerdir={lower},upperdir={own},workdir={work} {merged}
cd {merged}
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys || :
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount --bind {archives} var/cache/apt/archives
exec chroot . sh -c 'echo ready; exec sleep infinity'
"""
# One that was let in before, and is gone outside, would be in the way of its follower of the same name.
_LET_IN = 'while mountpoint -q "$2"; do umount -l "$2" || exit; done; exec mount --bind "$1" "$2"'


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended: its code, and what it wrote on both streams."""

    code: int
    said: str
    complained: str
    seconds: float

    def well(self) -> Done:
        """Itself, where it ended well.

        Raises:
            AssertionError: with what it wrote.
        """
        assert self.code == 0, f"code {self.code}\n{self.said[-3000:]}\n{self.complained[-3000:]}"
        return self


class Running:
    """A program that goes on in the room."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process = process
        self._log = log

    @property
    def written(self) -> str:
        """All it wrote until now."""
        return self._log.read_text(errors="replace")

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def processes(self) -> list[psutil.Process]:
        """The program and all that it started, as this machine sees them."""
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._process.pid).children(recursive=True)
        return []

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell the program (not what it started) to end, and wait until it did: its code."""
        for process in self.processes()[:1]:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(how)
        return self.wait()

    def wait(self, seconds: float = _PATIENCE) -> int:
        """Its code, once it has ended by itself."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            for process in self.processes():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait()
            raise AssertionError(f"it never ended:\n{self.written[-3000:]}") from None


@dataclass(slots=True)
class Room:
    """One room while it is open.

    Attributes:
        folder: of this machine's, for all that is in it.
        below: the folders it lies over, the uppermost first.
        size: of its disk, as `mount` has it (`64m`); empty is all there is.
        variables: of the person's session.
    """

    folder: Path
    below: tuple[Path, ...]
    size: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    _first: subprocess.Popen[bytes] | None = None
    _pid: int = 0

    @classmethod
    @contextmanager
    def over(cls, *below: Path, size: str = "") -> Iterator[Room]:
        """A new room over these folders; gone after the block, and its files too.

        Raises:
            NoRoomError: this machine does not allow it.
        """
        folder = Path(tempfile.mkdtemp(prefix="room-", dir=FOLDER))
        folder.chmod(0o755)
        room = cls(folder, below, size)
        try:
            room._open()
            yield room
        finally:
            room.close()
            shutil.rmtree(folder)

    @property
    def layer(self) -> Path:
        """What was changed in it; other rooms may lie over it once this one is closed."""
        return self.folder / "own"

    def _open(self) -> None:
        limited = f"mount -t tmpfs -o size={self.size},mode=755 tmpfs {self.folder}"
        script = _BUILD.format(
            lower=":".join(map(str, self.below)),
            own=self.layer,
            work=self.folder / "work",
            merged=self.folder / "merged",
            archives=ARCHIVES,
            limit=limited if self.size else "",
        )
        # Should this process be killed, the room ends: its first process does, and the kernel ends the rest.
        outer = ("setpriv", "--pdeathsig=KILL", "--")
        apart = ("unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "--propagation=private", "--")
        log = (self.folder / "log").open("wb")
        with log:
            self._first = subprocess.Popen(
                [*outer, *apart, "sh", "-ec", script],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self._first.stdout is not None
        if self._first.stdout.readline() != b"ready\n":
            self._first.wait()
            why = (self.folder / "log").read_text().strip()
            raise NoRoomError(f"no room can be made here: {why}")
        self._pid = psutil.Process(self._first.pid).children()[0].pid

    def close(self) -> None:
        """End all that runs in it. Its files stay until the block of `over` ends."""
        if self._first is None:
            return
        with suppress(psutil.NoSuchProcess):
            psutil.Process(self._pid).kill()
        self._first.wait()
        assert self._first.stdout is not None
        self._first.stdout.close()
        self._first = None

    def inside(self, path: str) -> Path:
        """Where a file of the room is found from outside, while the room is open."""
        return Path(f"/proc/{self._pid}/root") / path.lstrip("/")

    def let_in(self, outside: Path, inside: str = "") -> None:
        """Make a file or folder of this machine's appear in the room, under the same name or another."""
        place = inside or str(outside)
        target = self.inside(place)
        target.parent.mkdir(parents=True, exist_ok=True)
        if outside.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.touch()
        # In the room's mounts, but with this machine's root, from where both are to be seen.
        enter = ["nsenter", f"--target={self._pid}", "--mount", "--", "sh", "-c", _LET_IN, "sh"]
        merged = self.folder / "merged" / place.lstrip("/")
        _finished([*enter, str(outside), str(merged)], _ROOTS, b"", _PATIENCE).well()

    def root(self, *command: str, check: bool = True, seconds: float = _PATIENCE) -> Done:
        """Run a command as root.

        Raises:
            AssertionError: it failed, where it must not.
        """
        done = _finished(self._command(command, 0), _ROOTS, b"", seconds)
        return done.well() if check else done

    def person(
        self,
        *command: str,
        given: bytes = b"",
        variables: Mapping[str, str] | None = None,
        apart: Sequence[str] = (),
        seconds: float = _PATIENCE,
    ) -> Done:
        """Run a command as the person, in the person's session.

        Args:
            *command: the command and its arguments.
            given: its standard input.
            variables: of its environment, beside the session's.
            apart: what it does not share even with the room, as `unshare` has it (`--net`: no network).
            seconds: how long that may take.
        """
        return _finished(self._command(command, PERSON, apart), self._session(variables), given, seconds)

    def start(
        self, *command: str, variables: Mapping[str, str] | None = None, apart: Sequence[str] = ()
    ) -> Running:
        """Start a command as the person. It must be ended, or it ends with the room."""
        log = self.folder / f"log-{time.monotonic_ns()}"
        with log.open("wb") as opened:
            process = subprocess.Popen(
                self._command(command, PERSON, apart),
                env=self._session(variables),
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=opened,
            )
        return Running(process, log)

    def _session(self, variables: Mapping[str, str] | None) -> dict[str, str]:
        own = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": HOME, "LANG": "C.UTF-8", "USER": "person"}
        return own | self.variables | dict(variables or {})

    def left_at_home(self) -> list[str]:
        """The person's files, below the home folder, without those that every home begins with."""
        home = self.inside(HOME)
        found = (path.relative_to(home) for path in home.rglob("*") if not path.is_dir())
        return sorted(str(path) for path in found if str(path) not in _SKELETON)

    def _command(self, command: Sequence[str], user: int, apart: Sequence[str] = ()) -> list[str]:
        enter = ["nsenter", f"--target={self._pid}", "--mount", "--pid", "--root", "--wd"]
        if apart:
            # Even a machine without a network has a loopback.
            up = 'ip link set lo up && exec "$@"' if "--net" in apart else 'exec "$@"'
            enter = ["unshare", *apart, "--", "sh", "-c", up, "sh", *enter]
        who = [f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=-all"]
        folder = HOME if user else "/root"
        return [
            *(*enter, "--", "setpriv", *who, "--", "sh", "-c", f'cd {folder} && exec "$@"', "sh"),
            *command,
        ]


def _finished(command: list[str], environment: dict[str, str], given: bytes, seconds: float) -> Done:
    began = time.monotonic()
    done = subprocess.run(command, env=environment, input=given, capture_output=True, timeout=seconds)
    took = time.monotonic() - began
    said, complained = (stream.decode(errors="replace") for stream in (done.stdout, done.stderr))
    return Done(done.returncode, said, complained, took)
