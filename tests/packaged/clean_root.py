"""A bare Debian of this machine's release, as debootstrap makes it: what a package may rely on, and no more.

It is made once a week into `build/rooms`, from the mirror that this machine's own apt is configured for, and
is never changed afterwards: rooms lay a folder of their own over it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

from shipping.layout import BUILD

# Whoever lives in the rooms. No account of this machine has the number, so its services can have it too.
PERSON = 26_000
HOME = "/home/person"

FOLDER = BUILD / "rooms"
# Packages that were downloaded once, for all rooms.
ARCHIVES = FOLDER / "archives"
_LOG = FOLDER / "debootstrap.log"

_PROGRAMS = ("debootstrap", "unshare", "nsenter", "setpriv", "apt-get")
_ASK_FOR = "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(CODENAME)"
# A service that is installed is not started: nothing of this machine's may be touched, and no port taken.
_NO_SERVICES = "#!/bin/sh\nexit 101\n"


class NoRoomError(Exception):
    """No clean system can be made here; the sentence says why."""


def clean_root() -> Path:
    """The folder of the bare system; made where there is none of this week.

    Raises:
        NoRoomError: this machine or this user cannot make one.
    """
    _check_powers()
    week = time.strftime("%G-%V", time.gmtime())
    ready = FOLDER / f"debian-{week}"
    if not ready.exists():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for old in FOLDER.glob("debian-*"):
            shutil.rmtree(old)
        making = FOLDER / f"making-{os.getpid()}"
        try:
            _make(making)
            making.rename(ready)
        finally:
            shutil.rmtree(making, ignore_errors=True)
    ARCHIVES.mkdir(exist_ok=True)
    return ready


def _check_powers() -> None:
    if os.geteuid() != 0:
        raise NoRoomError("a clean Debian can only be made by root")
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if missing:
        raise NoRoomError(f"a clean Debian needs these programs: {', '.join(missing)}")


def _make(root: Path) -> None:
    sources = _sources()
    mirror, suite = sources[0][0], sources[0][1]
    with _LOG.open("wb") as log:
        made = subprocess.run(
            ["debootstrap", "--variant=minbase", suite, str(root), mirror],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
    if made.returncode:
        raise NoRoomError(f"debootstrap failed; {_LOG} says why")
    lines = [f"deb {address} {release} {components}\n" for address, release, components in sources]
    (root / "etc/apt/sources.list").write_text("".join(lines))
    # How this machine reaches its mirror: proxies, certificates, checks of dates.
    dump = subprocess.run(["apt-config", "dump", "Acquire"], capture_output=True, text=True, check=True)
    kept = [line for line in dump.stdout.splitlines(True) if "IndexTargets" not in line]
    (root / "etc/apt/apt.conf.d/50as-outside").write_text("".join(kept))
    forbidding = root / "usr/sbin/policy-rc.d"
    forbidding.write_text(_NO_SERVICES)
    forbidding.chmod(0o755)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
    for command in (
        ("useradd", "--create-home", "--shell=/bin/bash", f"--uid={PERSON}", "person"),
        ("apt-get", "-qq", "update"),
    ):
        subprocess.run(["chroot", str(root), *command], check=True, capture_output=True)


def _sources() -> list[tuple[str, str, str]]:
    """Address, suite and components of each of this machine's own Debian sources, the release's first."""
    told = subprocess.run(
        ["apt-get", "indextargets", "--format", _ASK_FOR, "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[tuple[str, str], list[str]] = {}
    for line in told.stdout.splitlines():
        origin, address, suite, component, _ = line.split("|")
        if origin in {"Debian", "Ubuntu"} and component not in found.setdefault((address, suite), []):
            found[address, suite].append(component)
    if not found:
        raise NoRoomError("apt has no source of Debian packages here")
    # The release itself has the shortest name: bookworm before bookworm-updates.
    ordered = sorted(found.items(), key=lambda item: len(item[0][1]))
    return [(address, suite, " ".join(components)) for (address, suite), components in ordered]
