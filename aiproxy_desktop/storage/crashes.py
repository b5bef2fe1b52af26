"""Crashes: what the last run left behind, kept as a report on this computer. Nothing here sends anything.

The crash file begins with a line about the run. Native code's end adds what faulthandler writes, an error
that nobody caught the words of `crash_words`. The next start finds more than that line, and makes a report.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.crash_words import error_words, native_words
from aiproxy_desktop.storage.paths import AppPaths
from aiproxy_desktop.storage.whole_files import write_whole

# Reports that stay; an older one goes.
MOST_REPORTS = 5

# Bytes of the crash file that are looked at, and up to which errors are added to it: one in what paints
# comes sixty times a second.
_MOST_BYTES = 256 * 1024
_ENOUGH = 48 * 1024
_ENDED = "The application ended by itself."
_RUN = "=== run "
_ERROR = "=== error "
_NAME = re.compile(r"crash-\d{8}-\d{6}\.txt")


@dataclass(frozen=True, slots=True)
class CrashReport:
    """One report, as it can be shown and copied: no key, no text, no name of the person's files is in it.

    `ended` is whether the application came to its end by it; otherwise it went on without what failed.
    """

    path: Path
    when: datetime
    text: str
    ended: bool


class CrashReports:
    """The crash file and the folder of reports. Methods block on the disk.

    What it refuses is taken in silence: a report is worth no second failure.
    """

    def __init__(self, paths: AppPaths, redact: Redactor) -> None:
        self._file = paths.crash_file
        self._folder = paths.logs / "crashes"
        self._redact = redact

    @property
    def folder(self) -> Path:
        """Where the reports are."""
        return self._folder

    def take_up(self, about: dict[str, str], now: datetime | None = None) -> CrashReport | None:
        """Begin a run: make a report of what the last one left, if anything.

        Args:
            about: facts of this run, by what they are called; the report of its crash tells them.
            now: when it begins.

        Returns:
            that report.
        """
        report = None
        with suppress(OSError, ValueError):  # what no report can be kept of stays, for the next start
            report = self._report(self._read())
            started = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M:%S UTC")
            # In place: faulthandler has it open, and writes at its end.
            with self._file.open("r+", encoding="utf-8") as file:
                file.truncate(0)
                file.write(_RUN + json.dumps(about | {"Started": started}) + "\n")
        return report

    def newest(self) -> CrashReport | None:
        """The newest report there is."""
        for path in reversed(self._kept()):
            with suppress(OSError, ValueError):
                text = path.read_text(encoding="utf-8")[:_MOST_BYTES]
                when = datetime.strptime(path.name, "crash-%Y%m%d-%H%M%S.txt").replace(tzinfo=UTC)
                return CrashReport(path, when, text, ended=_ENDED in text)
        return None

    def forget(self) -> None:
        """Delete every report."""
        for path in self._kept():
            with suppress(OSError):
                path.unlink()

    def _kept(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if _NAME.fullmatch(path.name))
        except OSError:
            return []

    def _read(self) -> str:
        with self._file.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")

    def _report(self, left: str) -> CrashReport | None:
        about, dump, errors, ended = _parts(left)
        native = native_words(dump)
        ended = ended or bool(native)
        if not native and not errors:
            return None
        when = datetime.fromtimestamp(int(self._file.stat().st_mtime), UTC)
        lines = [
            "AI Proxy Desktop: crash report",
            _ENDED if ended else "Something failed, and the application went on.",
            "",
            f"When: {when:%Y-%m-%d %H:%M:%S} UTC",
            *(f"{name}: {value}" for name, value in about.items()),
        ]
        text = self._redact("\n".join([*lines, *(f"\n{part}" for part in (native, *errors) if part), ""]))
        path = self._folder / f"crash-{when:%Y%m%d-%H%M%S}.txt"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        write_whole(path, text.encode())
        for old in self._kept()[:-MOST_REPORTS]:
            with suppress(OSError):
                old.unlink()
        return CrashReport(path, when, text, ended)


def note_error(file: Path, error: BaseException, *, ended: bool) -> None:
    """Write an error that nobody caught into the crash file, for the next start to find.

    Args:
        file: the crash file.
        error: which.
        ended: whether the application comes to its end by it.
    """
    with suppress(OSError):
        if file.exists() and file.stat().st_size > _ENOUGH:
            return
        with file.open("a", encoding="utf-8", errors="backslashreplace") as opened:
            opened.write(f"{_ERROR}{'ended' if ended else 'lived on'}\n{error_words(error)}\n\n")


def _parts(left: str) -> tuple[dict[str, str], str, list[str], bool]:
    """What the file tells: facts of the run, what faulthandler wrote, errors once each, an end by one."""
    about: dict[str, str] = {}
    dump: list[str] = []
    errors: list[str] = []
    ended = False
    inside: list[str] | None = None
    for line in left.splitlines():
        if line.startswith(_RUN):
            with suppress(ValueError):
                about = {str(name): str(value) for name, value in json.loads(line[len(_RUN) :]).items()}
            inside = None
        elif line.startswith(_ERROR):
            ended = ended or line.endswith(" ended")
            inside = []
            errors.append("")
        elif inside is not None and not line.startswith(("Fatal Python error", "Windows fatal exception")):
            inside.append(line)
            errors[-1] = "\n".join(inside).strip()
        else:
            inside = None
            dump.append(line)
    return about, "\n".join(dump), list(dict.fromkeys(errors)), ended
