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

from shipping.layout import BUILD, epoch

PACKAGE = "portaudio19"
LIBRARY = "libportaudio.so.2"
_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")
_OPTIONS = ("--without-jack", "--without-oss", "--with-alsa", "--enable-shared", "--disable-static")


def make_library(target: Path) -> None:
    """Write it.

    Raises:
        FileNotFoundError: a tool is missing, or this is no Debian.
        subprocess.CalledProcessError: the source cannot be had, or not be built; the tool said why.
    """
    work = BUILD / PACKAGE
    version = _version()
    folder = work / version
    if not (folder / LIBRARY).is_file():
        shutil.rmtree(folder, ignore_errors=True)
        source = _fetched(folder, version)
        _build(source)
        shutil.copy(source / "lib" / ".libs" / LIBRARY, folder / LIBRARY)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(folder / LIBRARY, target)


def _version() -> str:
    """Of the library that PyAudio was built against."""
    command = ["dpkg-query", "--show", "--showformat=${source:Version}", "portaudio19-dev"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _fetched(folder: Path, version: str) -> Path:
    """The folder of the source: apt checks what it fetches against Debian's signatures."""
    lists, parts = folder / "lists", folder / "parts"
    (lists / "partial").mkdir(parents=True)
    parts.mkdir()
    told = _SOURCES.read_text(encoding="utf-8")
    (parts / "debian.sources").write_text(re.sub("(?m)^Types: .*", "Types: deb-src", told), encoding="utf-8")
    apt = ["apt-get", "-qq", "-o", "Dir::Etc::SourceList=/dev/null", "-o", f"Dir::Etc::SourceParts={parts}"]
    apt += ["-o", f"Dir::State::Lists={lists}", "-o", "APT::Sandbox::User=root", "-o", "Acquire::Retries=2"]
    subprocess.run([*apt, "update"], cwd=folder, check=True)
    subprocess.run(
        [*apt, "source", f"{PACKAGE}={version}"], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    return next(path for path in folder.iterdir() if (path / "configure").is_file())


def _build(source: Path) -> None:
    environment = {
        **os.environ,
        "SOURCE_DATE_EPOCH": str(epoch()),
        "CFLAGS": f"-O2 -ffile-prefix-map={source}=.",
    }
    log = (source.parent / "build.log").open("wb")
    with log:
        for command in (
            ["sh", "./configure", *_OPTIONS],
            ["make", f"-j{os.cpu_count() or 1}", "lib/libportaudio.la"],
        ):
            subprocess.run(command, cwd=source, env=environment, check=True, stdout=log, stderr=log)
