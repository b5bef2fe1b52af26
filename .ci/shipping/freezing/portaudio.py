"""PortAudio without JACK, from Debian's source.

Debian's own build needs JACK's library, and that Berkeley DB's, which nobody could use for the wrong licence;
JACK's servers are heard and played through ALSA and PipeWire.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from shipping.errors import FreezeError
from shipping.layout import BUILD, epoch

PACKAGE = "portaudio19"
LIBRARY = "libportaudio.so.2"
# Where apt is told which servers there are.
_APT = Path("/etc/apt")
_OPTIONS = ("--without-jack", "--without-oss", "--with-alsa", "--enable-shared", "--disable-static")


def make_library(target: Path) -> None:
    """Write it. What was built once for a version is taken again.

    Raises:
        FreezeError: a tool is missing, the source cannot be had, or it cannot be built.
    """
    try:
        version = _version()
        folder = BUILD / PACKAGE / version
        if not (folder / LIBRARY).is_file():
            shutil.rmtree(folder, ignore_errors=True)
            source = _fetched(folder, version)
            _build(source, folder / "build.log")
            shutil.copy(source / "lib" / ".libs" / LIBRARY, folder / LIBRARY)
    except FileNotFoundError as error:
        raise FreezeError(f"PortAudio cannot be built here: {error.filename} is missing.") from error
    except subprocess.CalledProcessError as error:
        raise FreezeError(
            f"PortAudio could not be built from Debian's source: {error.cmd[0]} failed with code"
            f" {error.returncode}; {BUILD / PACKAGE} has what there is of it."
        ) from error
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / LIBRARY, target)


def _version() -> str:
    """Of the library that PyAudio was built against."""
    command = ["dpkg-query", "--show", "--showformat=${source:Version}", "portaudio19-dev"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def as_sources(listed: str) -> str:
    """What apt is told of servers, in either of its forms (sources.list(5)), for packages' sources."""
    return re.sub(r"(?m)^deb(?=\s)", "deb-src", re.sub(r"(?m)^Types:.*", "Types: deb-src", listed))


def _fetched(folder: Path, version: str) -> Path:
    """The folder of the source: apt checks what it fetches against Debian's signatures."""
    lists, parts = folder / "lists", folder / "parts"
    (lists / "partial").mkdir(parents=True)
    parts.mkdir()
    listed = [
        _APT / "sources.list",
        *_APT.glob("sources.list.d/*.list"),
        *_APT.glob("sources.list.d/*.sources"),
    ]
    for path in filter(Path.is_file, listed):
        name = path.name if path.suffix == ".sources" else f"{path.stem}.list"
        (parts / name).write_text(as_sources(path.read_text("utf-8")), "utf-8")
    apt = ["apt-get", "-qq", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={parts}"]
    apt += ["-o", f"Dir::State::Lists={lists}", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"]
    subprocess.run([*apt, "update"], cwd=folder, check=True)
    subprocess.run(
        [*apt, "source", f"{PACKAGE}={version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    return next(path for path in folder.iterdir() if (path / "configure").is_file())


def _build(source: Path, log: Path) -> None:
    flags = f"-O2 -ffile-prefix-map={source}=."
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch()), "CFLAGS": flags}
    make = ["make", f"-j{os.cpu_count() or 1}", "lib/libportaudio.la"]
    with log.open("wb") as told:
        for command in (["sh", "./configure", *_OPTIONS], make):
            subprocess.run(command, cwd=source, env=environment, check=True, stdout=told, stderr=told)
