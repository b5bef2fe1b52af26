"""What differs between Linux, Windows and macOS. Nothing else asks which system it is on."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket

# A frozen build has no interpreter to start a helper with: the application starts itself with this.
MODEL_PROCESS_ARGUMENT = "--built-in-model-process"
API_WORKER_ARGUMENT = "--local-api-worker"

_PR_SET_PDEATHSIG = 1
_M_MMAP_THRESHOLD = -3
_HURRIED = -11  # as PulseAudio itself


def display_missing(environ: Mapping[str, str]) -> bool:
    """Whether no window can be shown here: on Linux, no display server was named."""
    if not sys.platform.startswith("linux"):
        return False
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb"}:
        return False
    return not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def frozen_folder() -> Path | None:
    """The folder of the executable of an installed (frozen) application; None in a checkout or a library."""
    return Path(sys.executable).resolve().parent if getattr(sys, "frozen", False) else None


def beside_the_application(environ: Mapping[str, str]) -> Path | None:
    """The folder in which a person sees the frozen application lie; None in a checkout or a library.

    What a person sees of a bundle of macOS is the folder `….app`.
    """
    folder = frozen_folder()
    if folder is None:
        return None
    image = appimage(environ)
    if image is not None:
        return image.parent
    if sys.platform == "darwin" and folder.parts[-2:] == ("Contents", "MacOS"):
        return folder.parents[2]
    return folder


def appimage(environ: Mapping[str, str]) -> Path | None:
    """The one file that the application came in; None where it came in none.

    It lies at APPIMAGE and is mounted at APPDIR (docs.appimage.org, environment variables).
    """
    folder, image, mounted = frozen_folder(), environ.get("APPIMAGE", ""), environ.get("APPDIR", "")
    # What another program's AppImage started has these from it.
    if folder is None or not (image and mounted and folder.is_relative_to(Path(mounted).resolve())):
        return None
    return Path(image).absolute()


def flatpak_id() -> str | None:
    """What a Flatpak is called from outside; None outside of one (docs.flatpak.org, Sandbox Permissions)."""
    return os.environ.get("FLATPAK_ID") if Path("/.flatpak-info").is_file() else None


def leave_at_once(code: int) -> None:
    """End the process without running anything else; for the moment when Qt itself cannot go on."""
    sys.stderr.flush()
    os._exit(code)


def keyring_modules() -> tuple[str, ...]:
    """The modules of the keyring package for what this system itself keeps encrypted."""
    if sys.platform == "win32":
        names: tuple[str, ...] = ("Windows",)
    elif sys.platform == "darwin":
        names = ("macOS",)
    else:
        names = ("SecretService", "libsecret", "kwallet")
    return tuple(f"keyring.backends.{name}" for name in names)


def background_process() -> dict[str, Any]:
    """Arguments for `subprocess.Popen`: a helper without a console, out of reach of a terminal's Ctrl-C."""
    if sys.platform == "win32":
        import subprocess

        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"process_group": 0}


def serve_the_window(parent: int) -> None:
    """Called by a helper process: give way to the process that started it, and end with it.

    On Linux the kernel ends this one as soon as the thread that started it is gone. Elsewhere the helper
    must watch for the end of its standard input.
    """
    if sys.platform == "win32":
        return
    with suppress(OSError):
        os.nice(5)
    if sys.platform.startswith("linux"):
        import ctypes
        import signal

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(0)


def large_memory_apart() -> None:
    """Have large blocks of memory always come from the system, and go back to it, for as long as this runs.

    glibc keeps freed blocks of up to 32 MB for the next one, which it then has to clear: 60 ms for a picture
    of 50 megapixels, with Python's lock held. What comes from the system is clear (mallopt(3)).
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none, and keeps no large blocks
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 4 * 1024 * 1024)


def physical_cores() -> int:
    """Cores this process may use, hardware threads of one core counted once; at least 1."""
    logical = os.cpu_count() or 1
    if not sys.platform.startswith("linux"):
        return max(1, logical // 2)
    usable = os.sched_getaffinity(0)
    siblings = set()
    for cpu in usable:
        topology = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        try:
            siblings.add(topology.read_text(encoding="ascii").strip())
        except OSError:
            siblings.add(str(cpu))
    return max(1, min(len(siblings), _processor_quota(logical)))


def _processor_quota(otherwise: int) -> int:
    """Whole processors that a container allows, as the kernel's `cpu.max` ("quota period") tells."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return max(1, int(quota) // int(period))
    except (OSError, ValueError):
        return otherwise


def memory_total(root: Path = Path("/")) -> int | None:
    """Bytes of memory that this process may ever have: the machine's, or a container's limit; None: unknown.

    Args:
        root: of the file system, on Linux.
    """
    if sys.platform == "win32":
        return _windows_memory()[0]
    if sys.platform == "darwin":
        return _mac_figure(b"hw.memsize")
    found = [_meminfo(root).get("MemTotal"), *(limit for limit, _ in _group_memory(root))]
    return min((one for one in found if one is not None), default=None)


def memory_available(root: Path = Path("/")) -> int | None:
    """Bytes of memory free now, counting what the system gives up at once; None where that is not known.

    Args:
        root: of the file system, on Linux.
    """
    if sys.platform == "win32":
        return _windows_memory()[1]
    if sys.platform == "darwin":
        # Per cent, as `memory_pressure` prints it.
        total, level = _mac_figure(b"hw.memsize"), _mac_figure(b"kern.memorystatus_level")
        return None if total is None or level is None else total * level // 100
    found = [
        _meminfo(root).get("MemAvailable"),
        *(max(0, limit - used) for limit, used in _group_memory(root)),
    ]
    return min((one for one in found if one is not None), default=None)


def private_memory(pid: int, root: Path = Path("/")) -> int:
    """Bytes that are free again once a process of ours ends; 0 where the system does not tell.

    Args:
        pid: of the process.
        root: of the file system, on Linux.
    """
    with suppress(OSError, ValueError, IndexError):
        status = (root / f"proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        return int(status.partition("RssAnon:")[2].split()[0]) * 1024
    return 0


def _meminfo(root: Path) -> dict[str, int]:
    """What the kernel's meminfo tells, in bytes."""
    found = {}
    with suppress(OSError):
        for line in (root / "proc/meminfo").read_text(encoding="ascii", errors="replace").splitlines():
            name, _, figure = line.partition(":")
            words = figure.split()
            if words and words[0].isdecimal():
                found[name] = int(words[0]) * 1024
    return found


def _group_memory(root: Path) -> list[tuple[int, int]]:
    """Limit and use, in bytes, of each control group (version 2) with a limit that this process is in.

    What files take in a group's memory does not count as used: it is given up when programs want it.
    """
    top = root / "sys/fs/cgroup"
    try:
        lines = (root / "proc/self/cgroup").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    own = next((line[3:].strip("/") for line in lines if line.startswith("0::")), "")
    found = []
    for folder in {top, *(top / part for part in (own, *map(str, Path(own).parents)) if ".." not in part)}:
        try:
            limit = int((folder / "memory.max").read_text(encoding="ascii"))
            used = int((folder / "memory.current").read_text(encoding="ascii"))
            stat = (folder / "memory.stat").read_text(encoding="ascii").split()
        except (OSError, ValueError):  # "max" is no number: there is no limit
            continue
        figures = dict(zip(stat[::2], stat[1::2], strict=False))
        files = figures.get("file", "0")
        found.append((limit, max(0, used - (int(files) if files.isdecimal() else 0))))
    return found


def _windows_memory() -> tuple[int | None, int | None]:
    """All memory and what is free, in bytes (GlobalMemoryStatusEx)."""
    if sys.platform == "win32":
        import ctypes

        class MemoryStatus(ctypes.Structure):
            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                *((name, ctypes.c_ulonglong) for name in ("total", "available", "a", "b", "c", "d", "e")),
            )

        status = MemoryStatus()
        status.length = ctypes.sizeof(status)
        if ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
            return int(status.total), int(status.available)
    return None, None


def _mac_figure(name: bytes) -> int | None:
    """A number that the kernel tells under a name (sysctlbyname)."""
    import ctypes

    value, size = ctypes.c_uint64(0), ctypes.c_size_t(8)
    try:
        failed = ctypes.CDLL(None).sysctlbyname(name, ctypes.byref(value), ctypes.byref(size), None, 0)
    except (OSError, AttributeError):
        return None
    return None if failed else int(value.value)


def sound_missing(environ: Mapping[str, str]) -> bool:
    """Whether there can be no sound: on Linux, neither a card nor the socket of a sound server.

    Nothing is asked, so a server that is there and does not answer counts as one.
    """
    if not sys.platform.startswith("linux") or environ.get("PULSE_SERVER") or environ.get("PIPEWIRE_REMOTE"):
        return False
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    sockets = [Path(runtime) / name for name in ("pulse/native", "pipewire-0")] if runtime else []
    return not sound_cards() and not any(socket.exists() for socket in sockets)


def display_is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the X display is reached over a network, as `ssh -X` does it (X(7), display names)."""
    if not sys.platform.startswith("linux"):
        return False
    host, colon, _ = environ.get("DISPLAY", "").rpartition(":")
    return bool(colon) and host not in {"", "unix"} and not host.startswith("/")


def system_name() -> str:
    """What this system calls itself, with its version and the kind of processor."""
    import platform

    machine = platform.machine() or "unknown"
    if sys.platform == "darwin":
        return f"macOS {platform.mac_ver()[0]} ({machine})"
    if sys.platform == "win32":
        return f"Windows {platform.release()} {platform.version()} ({machine})"
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, {platform.system()} {platform.release()} ({machine})"


def graphics_drivers(root: Path = Path("/")) -> tuple[str, ...]:
    """What the kernel drives graphics cards with; empty where there is none, or no such list.

    Args:
        root: of the file system, on Linux.
    """
    found: dict[str, None] = {}
    with suppress(OSError):
        for path in sorted((root / "sys/class/drm").glob("card[0-9]*/device/uevent")):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                name, _, value = line.partition("=")
                if name == "DRIVER" and value.isprintable():
                    found[value[:40]] = None
    return tuple(found)


def has_sound_server() -> bool:
    """Whether a sound server (PulseAudio, PipeWire) tells of devices on this kind of system."""
    return sys.platform.startswith("linux")


def sound_cards() -> tuple[str, ...] | None:
    """What changes when a card of sound comes or goes; None where there is no cheap way to see it.

    On Linux the names below /dev/snd, of which each card has some.
    """
    if not sys.platform.startswith("linux"):
        return None
    try:
        return tuple(sorted(path.name for path in Path("/dev/snd").glob("pcm*")))
    except OSError:
        return ()


def hurry_this_thread() -> None:
    """Have the calling thread, which plays or records sound, run before others where that is allowed."""
    if not sys.platform.startswith("linux"):
        return
    import threading

    with suppress(OSError):  # without a right to it (RLIMIT_NICE), things stay as they are
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _HURRIED)


def waiting_for_sound_ends() -> bool:
    """Whether PortAudio's calls that wait for a device end with an error soon after it is gone.

    With ALSA after 64 times the length of a block (pa_linux_alsa.c, PaAlsaStream_WaitForFrames); with Core
    Audio they never do (pa_mac_core_blocking.c, ReadStream).
    """
    return sys.platform.startswith("linux")


def quiet_sound_libraries() -> None:
    """Have ALSA and JACK not write on standard error that a computer lacks most of what they look for.

    Each is given a handler of messages which does nothing: a function of the C library that takes no
    arguments, so that none of Python runs on their threads.
    """
    if not sys.platform.startswith("linux"):
        return
    import ctypes

    nothing = ctypes.cast(ctypes.CDLL(None).getpid, ctypes.c_void_p)
    for library, names in (
        ("libasound.so.2", ("snd_lib_error_set_handler",)),
        ("libportaudio.so.2", ("PaUtil_SetDebugPrintFunction",)),
        ("libjack.so.0", ("jack_set_error_function", "jack_set_info_function")),
    ):
        with suppress(OSError, AttributeError):
            loaded = ctypes.CDLL(library, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
            for name in names:
                getattr(loaded, name)(nothing)


def spreads_connections() -> bool:
    """Whether the system spreads connections over sockets that share an address (SO_REUSEPORT, socket(7))."""
    return sys.platform.startswith("linux")


def allow_open_files(count: int) -> int:
    """Let this process have so many files and sockets open (setrlimit(2)), or as many as it may: how many."""
    if sys.platform == "win32":
        return count
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= count:
        return count
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft


def lending_sockets(sockets: Sequence[socket.socket]) -> dict[str, Any]:
    """Arguments for `subprocess.Popen`, so that the process can use them once `lent_socket` told it how."""
    return {} if sys.platform == "win32" else {"pass_fds": tuple(one.fileno() for one in sockets)}


def lent_socket(sock: socket.socket, pid: int) -> str:
    """What the process `pid` needs to know to use a socket of ours; for `borrowed_socket`."""
    if sys.platform == "win32":
        return sock.share(pid).hex()
    return str(sock.fileno())


def borrowed_socket(told: str) -> socket.socket:
    """A socket of the process that started this one.

    Raises:
        OSError, ValueError: it is none.
    """
    import socket

    if sys.platform == "win32":
        return socket.fromshare(bytes.fromhex(told))
    return socket.socket(fileno=int(told))


def belongs_to_us(path: Path) -> bool:
    """Whether a file is this person's own, or there is none; True where no file tells its owner so."""
    if sys.platform == "win32":
        return True
    try:
        return path.lstat().st_uid == os.getuid()
    except OSError:
        return True


def others_can_read(path: Path) -> bool:
    """Whether a file's permissions let others than its owner read it; False where the system has no such."""
    return sys.platform != "win32" and bool(path.stat().st_mode & 0o077)


def on_termination(stop: Callable[[], None]) -> None:
    """Call on the running loop for SIGINT and SIGTERM, in place of what they do otherwise."""
    import asyncio
    import signal

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop))
        else:
            loop.add_signal_handler(number, stop)


def tell_service_manager(state: str, environ: Mapping[str, str]) -> None:
    """Tell systemd how this service is (`READY=1`, `STOPPING=1`; sd_notify(3)), where it wants to know."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address or not sys.platform.startswith("linux"):
        return
    import socket

    if address.startswith("@"):  # a name that is no file
        address = "\0" + address[1:]
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as told:
        told.sendto(state.encode(), address)
