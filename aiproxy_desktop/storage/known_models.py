"""The lists of models as they were last seen, in a file: a start without network shows them at once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from aiproxy_desktop.core.model_hygiene import MOST_MODELS
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.storage.whole_files import write_whole

_VERSION = 1

# Ten full lists; a file of another size is not ours.
_SIZE_LIMIT = 256 * 1024 * 1024

# Models decoded or encoded in one go: the interpreter is held for a millisecond or two.
_CHUNK = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownList:
    """What a provider listed at `listed_at` (UTC), as it described its models itself."""

    provider: str
    base_url: str
    listed_at: datetime
    models: tuple[ModelInfo, ...]


class _StoredList(msgspec.Struct, frozen=True):
    provider: str
    base_url: str
    listed_at: datetime
    chunks: tuple[msgspec.Raw, ...]


class _Stored(msgspec.Struct, frozen=True):
    version: int
    lists: tuple[_StoredList, ...]


_decode_file = msgspec.json.Decoder(_Stored).decode
_decode_chunk = msgspec.json.Decoder(tuple[ModelInfo, ...]).decode
_encode = msgspec.json.Encoder().encode


class KnownModelsFile:
    """One file. Methods block on the disk: call them on a thread."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[KnownList, ...]:
        """What was saved. A file that cannot be used is set aside, and counts for nothing; never raises."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_SIZE_LIMIT + 1)
        except FileNotFoundError:
            return ()
        except OSError as error:
            _log.info("the last known lists cannot be read: %s", error)
            return ()
        try:
            if len(data) > _SIZE_LIMIT:
                raise ValueError("too large")  # noqa: TRY301  # told as the others are
            stored = _decode_file(data)
            if stored.version != _VERSION:
                raise ValueError("of another version")  # noqa: TRY301  # told as the others are
            return tuple(map(_loaded, stored.lists))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            _log.info("the last known lists are damaged: %s", error)
            with suppress(OSError):
                self._path.replace(self._path.with_name(f"{self._path.stem}.broken{self._path.suffix}"))
            return ()

    def save(self, lists: Iterable[KnownList]) -> None:
        """Replace the file by these lists. One that cannot be written is no loss; never raises."""
        pieces = [b'{"version":%d,"lists":[' % _VERSION]
        for index, one in enumerate(lists):
            head = {"provider": one.provider, "base_url": one.base_url, "listed_at": one.listed_at}
            chunks = b",".join(_encode(chunk) for chunk in _chunks(one.models))
            pieces += [b"," if index else b"", _encode(head)[:-1], b',"chunks":[', chunks, b"]}"]
        pieces.append(b"]}\n")
        try:
            write_whole(self._path, b"".join(pieces))
        except OSError as error:
            _log.info("the last known lists cannot be kept: %s", error)


def _loaded(stored: _StoredList) -> KnownList:
    models: list[ModelInfo] = []
    for chunk in stored.chunks:
        models += _decode_chunk(chunk)
    when = stored.listed_at if stored.listed_at.tzinfo else stored.listed_at.replace(tzinfo=UTC)
    # The file may come from a computer whose clock was ahead.
    when = min(when, datetime.now(UTC))
    return KnownList(stored.provider, stored.base_url, when, tuple(models[:MOST_MODELS]))


def _chunks(models: Iterable[ModelInfo]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(models)
    while chunk := [_told(model) for model in islice(rest, _CHUNK)]:
        yield chunk


def _told(model: ModelInfo) -> dict[str, Any]:
    """What is known of it; the rest goes without saying."""
    told = {name: value for name in _MODEL if (value := getattr(model, name)) not in (None, "", False)}
    able = model.capabilities
    told["capabilities"] = {name: yes for name in _ABLE if (yes := getattr(able, name)) is not None}
    return told


_MODEL = tuple(one.name for one in fields(ModelInfo))
_ABLE = tuple(one.name for one in fields(Capabilities))
