"""The log file: rotating, with every key taken out, and a file for crashes in native code."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from types import TracebackType

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.paths import AppPaths

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MEGABYTE = 1024 * 1024

# These libraries put addresses and headers in their records below WARNING.
_TALKATIVE = ("httpx", "httpcore", "keyring", "asyncio", "qasync", "websockets", "uvicorn")


_log = logging.getLogger(__name__)


class _RedactingFormatter(logging.Formatter):
    """Formats a record, traceback included, then takes the secrets out of the whole text."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(_FORMAT)
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self._redact(super().format(record))


class _ForgivingHandler(RotatingFileHandler):
    """A log that can no longer be written (a full disk) must not print over the application."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Drop the record: there is no better place left to report to."""

    def close(self) -> None:
        """Let go of the file, whatever of the last records cannot be written."""
        with suppress(OSError):
            super().close()


@contextmanager
def logging_to_file(paths: AppPaths, redact: Redactor) -> Iterator[None]:
    """Log to `paths.log_file`, what nobody caught too, and leave native crashes in `paths.crash_file`.

    For as long as it is open.

    Raises:
        StorageError: the log cannot be opened.
    """
    try:
        handler = _ForgivingHandler(
            paths.log_file, maxBytes=2 * _MEGABYTE, backupCount=3, encoding="utf-8", errors="backslashreplace"
        )
        crash_file = paths.crash_file.open("a", encoding="utf-8")
    except OSError as error:
        raise StorageError(
            f"The log in {paths.logs} cannot be opened ({error.strerror})",
            "Make the folder writable, or choose another with --data-dir.",
        ) from error
    handler.setFormatter(_RedactingFormatter(redact))
    root = logging.getLogger()
    former_level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    faulthandler.enable(crash_file)
    former_hook = sys.excepthook

    former_thread_hook = threading.excepthook

    def keep(error: BaseException | None) -> None:
        if isinstance(error, Exception):
            from aiproxy_desktop.storage.crashes import note_error

            _log.error("nobody caught this", exc_info=error)
            note_error(paths.crash_file, error, ended=False)

    def on_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # What goes wrong in a slot or an event handler never leaves Qt's loop: it ends up here.
        keep(error)
        former_hook(kind, error, trace)

    def on_uncaught_in_thread(caught: threading.ExceptHookArgs) -> None:
        keep(caught.exc_value)
        former_thread_hook(caught)

    sys.excepthook, threading.excepthook = on_uncaught, on_uncaught_in_thread
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = former_hook, former_thread_hook
        faulthandler.disable()
        crash_file.close()
        root.removeHandler(handler)
        root.setLevel(former_level)
        handler.close()
