"""Files on their way to an Ollama server: checked, hashed and sent a piece at a time, whatever their size."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.providers.ollama.modelfile import FileLine, line_error
from aiproxy_desktop.core.threads import on_thread

T = TypeVar("T")

_GGUF = b"GGUF"
_READ_BYTES = 8 * 1024 * 1024
_PIECE_BYTES = 128 * 1024  # so that others get their turn between two writes to the socket


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A GGUF file on this computer; `size` in bytes when it was looked at."""

    path: Path
    size: int

    @property
    def name(self) -> str:
        """Without its folder."""
        return self.path.name


async def find_file(named: FileLine, folder: Path | None) -> LocalFile:
    """The file that a line of a Modelfile names.

    Args:
        named: as it is written.
        folder: where the Modelfile lies, from which a relative path counts; None where it lies nowhere.

    Raises:
        InvalidRequestError: it is not there, or no GGUF file. It names the line.
    """
    path = _at_home(Path(named.path))
    if not path.is_absolute():
        if folder is None:
            raise line_error(
                named.line, f"it is not clear where {named.path[:80]} lies", "Write its whole path."
            )
        path = folder / path
    return await on_thread(lambda: _looked_at(path, named), "model-file")


def _at_home(path: Path) -> Path:
    try:
        return path.expanduser()
    except RuntimeError:  # no home is known
        return path


def _looked_at(path: Path, named: FileLine) -> LocalFile:
    shown = named.path[-80:]
    try:
        if path.is_dir():
            raise line_error(named.line, f"{shown} is a folder", "Name one GGUF file.")
        if path.exists() and not path.is_file():  # opening a pipe may wait for ever
            raise line_error(named.line, f"{shown} is not a file", "Name one GGUF file.")
        with path.open("rb") as file:
            head = file.read(len(_GGUF))
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise line_error(named.line, f"there is no file {shown}", "Check its path.") from None
    except (OSError, ValueError) as error:  # ValueError: a path that no system call takes
        raise line_error(named.line, f"{shown} cannot be read", f"{_reason(error)}.") from None
    if head != _GGUF:
        raise line_error(
            named.line, f"{shown} is not a GGUF file", "Convert it to GGUF first; other kinds are not sent."
        )
    return LocalFile(path, size)


class Hashing:
    """The digest of a file, and how far it is."""

    def __init__(self, file: LocalFile) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """As Ollama writes it, once `run` has ended."""
        return f"sha256:{self._hash.hexdigest()}"

    async def run(self) -> AsyncGenerator[int]:
        """Read the file on threads, telling now and then how many bytes are done.

        Raises:
            InvalidRequestError: it cannot be read, or is not as large as it was.
        """
        done = 0
        while size := await _use_block(self._file, done, self._update):
            done += size
            yield done
        if done != self._file.size:
            raise _changed(self._file)

    def _update(self, data: bytes) -> int:
        self._hash.update(data)
        return len(data)


class FileUpload:
    """A file as the body of a request. `sent` tells how far it is, `failure` what is wrong with the file."""

    def __init__(self, file: LocalFile) -> None:
        self._file = file
        self.sent = 0
        self.failure: AIProxyError | None = None

    @property
    def size(self) -> int:
        """In bytes."""
        return self._file.size

    async def pieces(self) -> AsyncIterator[bytes]:
        """What the file holds; never more than `size`."""
        self.sent = 0
        while self.sent < self.size:
            try:
                block = await _use_block(self._file, self.sent, bytes)
                if not block:
                    raise _changed(self._file)
            except AIProxyError as error:
                self.failure = error
                raise
            block = block[: self.size - self.sent]
            for begin in range(0, len(block), _PIECE_BYTES):
                piece = block[begin : begin + _PIECE_BYTES]
                yield piece
                self.sent += len(piece)


async def _use_block(file: LocalFile, offset: int, use: Callable[[bytes], T]) -> T:
    """Read from an offset on and use what is there, both on a thread.

    The file is opened anew each time, so that nobody has to close it who may be cancelled.
    """

    def read() -> T:
        try:
            with file.path.open("rb") as source:
                source.seek(offset)
                return use(source.read(_READ_BYTES))
        except OSError as error:
            raise _unreadable(file, error) from None

    return await on_thread(read, "model-file")


def _unreadable(file: LocalFile, error: OSError) -> InvalidRequestError:
    return InvalidRequestError(f"{file.name[:80]} cannot be read", f"{_reason(error)}.")


def _changed(file: LocalFile) -> InvalidRequestError:
    return InvalidRequestError(
        f"{file.name[:80]} changed while it was sent", "Try again once nothing writes to it."
    )


def _reason(error: Exception) -> str:
    return error.strerror if isinstance(error, OSError) and error.strerror else "Check its path"
