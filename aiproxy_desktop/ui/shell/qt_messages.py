"""What Qt has to say goes to the log; when it cannot go on, the person gets one sentence."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

from aiproxy_desktop.system import leave_at_once

_log = logging.getLogger("qt")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
}

_INSTEAD = "Start it in a desktop session, or ask from here: aiproxy-desktop ask …"


def log_qt_messages() -> None:
    """Send Qt's messages to the log from here on.

    A fatal one (no display server answers, a system library is missing) would end in a core dump:
    it ends with exit code 1 and one line on standard error instead.
    """
    qInstallMessageHandler(_Messages())


class _Messages:
    """Where Qt's messages go."""

    def __init__(self) -> None:
        self._reason = ""

    def __call__(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind == QtMsgType.QtFatalMsg:
            sentence = " ".join(message.split())
            _log.critical("%s", sentence)
            # Qt's own last word advises to install the application again, which helps nobody.
            why = f"No window can be opened here: {self._reason or sentence.rstrip('.')}. {_INSTEAD}"
            sys.stderr.write(f"aiproxy-desktop: {why}\n")
            leave_at_once(1)
        if kind == QtMsgType.QtWarningMsg and (context.category or "").startswith("qt.qpa."):
            # The first is the reason: what follows it are guesses and consequences.
            self._reason = self._reason or " ".join(message.split()).rstrip(".")
        _log.log(_LEVELS[kind], "%s", message)
