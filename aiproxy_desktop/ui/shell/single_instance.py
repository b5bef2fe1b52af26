"""One window for one data folder: a second start raises the first."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QLockFile, QObject, QStandardPaths, QThread, Signal

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.system import belongs_to_us, flatpak_id
from aiproxy_desktop.ui.shell.handing_over import ANSWER, MOST_LINE, Wish, read, written

if TYPE_CHECKING:  # QtNetwork waits until the window is there
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

_ANSWER_TIMEOUT_MS = 3000
_PAUSE_MS = 50
# Other starts that speak at the same time, as when a file manager starts one for each file.
_MOST_CONNECTIONS = 64
_NOTHING_MORE = Wish()


class SingleInstance(QObject):
    """Holds the data folder for this process, and listens for other starts.

    The lock decides who is first (the kernel and QLockFile drop it when a process dies); the local
    socket only carries the wish to be raised, and which files to open.

    Signals:
        raise_requested(str): another start asks to come to the front, with a token of its compositor, if any.
        files_handed(tuple[Path, ...]): and to open these; it follows.
    """

    raise_requested = Signal(str)
    files_handed = Signal(tuple)

    def __init__(self, data_dir: Path) -> None:
        super().__init__()
        self._data_dir = data_dir
        self._lock = QLockFile(str(data_dir / "instance.lock"))
        self._lock.setStaleLockTime(0)  # only a dead owner makes a lock stale, however old it is
        self._server: QLocalServer | None = None
        self._connections: list[QLocalSocket] = []

    def __enter__(self) -> SingleInstance:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    @property
    def address(self) -> str:
        """Where other starts are heard; empty before `listen`."""
        return self._server.fullServerName() if self._server is not None else ""

    @cached_property
    def _socket_name(self) -> str:
        return _socket_path(self._data_dir)

    def acquire(self) -> bool:
        """Become the first. False when another process holds the folder.

        Raises:
            StorageError: nothing can be written to the folder.
        """
        if self._lock.tryLock(0):
            return True
        # In a sandbox each start has the same number: a killed first looks alive then, as this very process.
        # That it is gone, the kernel's lock on the file tells, against which nothing is removed.
        ours = self._named_process() == os.getpid()
        if ours and self._lock.removeStaleLockFile() and self._lock.tryLock(0):
            return True
        if self._lock.error() == QLockFile.LockError.LockFailedError:
            return False
        raise StorageError(
            f"Nothing can be written to the folder {self._data_dir}",
            "Free some space on its disk, or choose another with --data-dir.",
        )

    def _named_process(self) -> int:
        """The process that the lock's file names as its holder; 0 where it names none."""
        told: tuple[int, str, str] | bool = self._lock.getLockInfo()  # its stubs know of no tuple
        return told[0] if isinstance(told, tuple) else 0

    def listen(self) -> bool:
        """Begin to hear other starts; call it once the window is there. False when no socket can be had."""
        from PySide6.QtNetwork import QLocalServer

        QLocalServer.removeServer(self._socket_name)  # left by a killed process; the lock says it is ours
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._greet)
        self._server = server
        return server.listen(self._socket_name)

    def ask_first_to_raise(self, wish: Wish = _NOTHING_MORE) -> bool:
        """From a second start: have the first one come to the front. False when it does not answer.

        It opens the files of the wish, whose paths are absolute. One that has only just been started itself
        does not listen yet, so this waits a little.
        """
        from PySide6.QtNetwork import QLocalSocket

        socket = QLocalSocket()
        patience = QDeadlineTimer(_ANSWER_TIMEOUT_MS)
        socket.connectToServer(self._socket_name)
        while not socket.waitForConnected(_ANSWER_TIMEOUT_MS):
            if patience.hasExpired():
                return False
            QThread.msleep(_PAUSE_MS)
            socket.connectToServer(self._socket_name)
        if not belongs_to_us(Path(socket.fullServerName())):
            return False  # someone else's program sits at the address: names of files are not for it
        socket.write(written(wish))
        while socket.bytesToWrite():
            if not socket.waitForBytesWritten(_ANSWER_TIMEOUT_MS):
                return False
        return socket.waitForReadyRead(_ANSWER_TIMEOUT_MS)

    def release(self) -> None:
        """Let go of the folder."""
        if self._server is not None:
            self._server.close()
            for socket in self._connections:
                socket.abort()
                socket.setParent(None)
            self._connections.clear()
            self._server.deleteLater()
            self._server = None
        self._lock.unlock()

    def _greet(self) -> None:
        from PySide6.QtNetwork import QLocalSocket

        assert self._server is not None
        ended = QLocalSocket.LocalSocketState.UnconnectedState
        gone = [socket for socket in self._connections if socket.state() == ended]
        for socket in gone:
            self._connections.remove(socket)
            socket.deleteLater()
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            if len(self._connections) >= _MOST_CONNECTIONS:
                self._connections.pop(0).deleteLater()
            self._connections.append(socket)
            socket.setReadBufferSize(MOST_LINE)
            socket.readyRead.connect(self._answer)
        self._answer()

    def _answer(self) -> None:
        for socket in tuple(self._connections):
            if not socket.canReadLine():
                if socket.bytesAvailable() >= MOST_LINE:
                    socket.abort()  # a line that long is none of ours
                continue
            wish = read(bytes(socket.readLine(MOST_LINE).data()))
            if wish is None:
                socket.abort()
                continue
            socket.write(ANSWER)
            socket.flush()
            self.raise_requested.emit(wish.token)
            if wish.files:
                self.files_handed.emit(wish.files)


def _socket_path(data_dir: Path) -> str:
    """An address for the local socket, in the folder that only this person can enter, where there is one."""
    import hashlib

    name = f"aiproxy-desktop-{hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:16]}"
    runtime = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.RuntimeLocation)
    sandbox = flatpak_id()
    if sandbox:  # each start has a runtime folder of its own there, in which this one is everyone's
        runtime = str(Path(runtime, "app", sandbox))
    return str(Path(runtime) / name) if runtime and Path(runtime).is_dir() else name
