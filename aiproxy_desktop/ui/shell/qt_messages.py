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


def log_qt_messages() -> None:
    """Send Qt's messages to the log from here on.

    A fatal one (no display server answers, a system library is missing) would end in a core dump:
    it ends with exit code 1 and one line on standard error instead.
    """
    qInstallMessageHandler(_handle)


def _handle(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if kind == QtMsgType.QtFatalMsg:
        sentence = " ".join(message.split())
        _log.critical("%s", sentence)
        sys.stderr.write(f"No window can be opened here: {sentence}\n")
        leave_at_once(1)
    _log.log(_LEVELS[kind], "%s", message)
