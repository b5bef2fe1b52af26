"""What differs between Linux, Windows and macOS. Nothing else asks which system it is on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

# A frozen build has no interpreter to start a helper with: the application starts itself with this.
MODEL_PROCESS_ARGUMENT = "--built-in-model-process"

_PR_SET_PDEATHSIG = 1


def display_missing(environ: Mapping[str, str]) -> bool:
    """Whether no window can be shown here: on Linux, no display server was named."""
    if not sys.platform.startswith("linux"):
        return False
    if environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb"}:
        return False
    return not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


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
