"""Which export a file is, and what is in it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.services.exchange import archive_json, chatgpt, open_webui
from aiproxy_desktop.services.exchange.errors import NOTHING, UnreadableExportError, damaged
from aiproxy_desktop.services.exchange.foreign import DamagedConversationError, words
from aiproxy_desktop.services.exchange.json_items import decode, members
from aiproxy_desktop.services.exchange.source import ExportFile
from aiproxy_desktop.storage.archives import Archived


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A conversation of another application's export that makes no sense."""

    title: str


Found = Archived | bytes | LeftOut


def read_export(export: ExportFile) -> Iterator[Found]:
    """What is in it: conversations, each after or before the bytes of its attachments.

    Blocks: it belongs on a thread.

    Raises:
        UnreadableExportError: it is no export that this version knows, or it is damaged.
    """
    names = _documents(export)
    if _is_ours(export, names[0]):
        yield from archive_json.read(export, names[0])
        return
    find, empty = _Files(export), True
    for name in names:
        with export.document(name) as source:
            for key, item in members(source):
                if key:
                    raise _unknown()
                empty = False
                yield from _foreign(decode(item), find)
    if empty:
        raise UnreadableExportError("There is no conversation in this file", NOTHING)


def _documents(export: ExportFile) -> list[str]:
    """The documents in a zip: one, or several numbered ones in one folder."""
    if not export.packed:
        return [""]
    found = sorted(
        (name.count("/"), name)
        for name in export.names
        if _is_document(name.rpartition("/")[2]) and not name.startswith("__MACOSX/")
    )
    folder = found[0][1].rpartition("/")[0] if found else ""
    names = [name for _, name in found if name.rpartition("/")[0] == folder]
    if not names:
        raise UnreadableExportError(
            "The zip file holds no conversations.json", f"Choose an export of conversations. {NOTHING}"
        )
    whole = [name for name in names if name.rpartition("/")[2] == archive_json.DOCUMENT]
    return whole or names


def _is_document(name: str) -> bool:
    middle = name.removeprefix("conversations").removesuffix(".json")
    return len(middle) + len("conversations.json") == len(name) and (
        not middle or (middle[0] == "-" and middle[1:].isdecimal())
    )


def _is_ours(export: ExportFile, name: str) -> bool:
    with export.document(name) as source:
        return any(key in {"format", "conversations"} for key, _ in _first(members(source), 8))


def _first(found: Iterator[tuple[str, bytes]], most: int) -> Iterator[tuple[str, bytes]]:
    for _ in range(most):
        one = next(found, None)
        if one is None or not one[0]:
            return
        yield one


def _foreign(raw: object, find: _Files) -> Iterator[Found]:
    reader = _reader(raw, find)
    assert isinstance(raw, dict)
    try:
        # Whole before any of it is handed on.
        found = list(reader(raw))
    except DamagedConversationError:
        yield LeftOut(words(raw.get("title")))
        return
    yield from found


def _reader(raw: object, find: _Files) -> Callable[[Mapping[str, Any]], Iterator[Archived | bytes]]:
    if chatgpt.looks_like_one(raw):
        return lambda conversation: chatgpt.read_conversation(conversation, find)
    if open_webui.looks_like_one(raw):
        return open_webui.read_conversation
    if isinstance(raw, dict) and "chat_messages" in raw:
        raise UnreadableExportError("Exports of Claude cannot be imported yet", NOTHING)
    if isinstance(raw, dict):
        raise _unknown()
    raise damaged("a conversation in it is none")


def _unknown() -> UnreadableExportError:
    return UnreadableExportError(
        "This file is no export of AI Proxy Desktop, ChatGPT or Open WebUI",
        f"Choose the file as it was downloaded. {NOTHING}",
    )


class _Files:
    """Files of a zip by the beginning of their names."""

    def __init__(self, export: ExportFile) -> None:
        self._export = export
        self._names = sorted((name.rpartition("/")[2], name) for name in export.names)

    def __call__(self, beginning: str) -> tuple[str, bytes] | None:
        at = bisect_left(self._names, (beginning, ""))
        if at == len(self._names) or not self._names[at][0].startswith(beginning):
            return None
        bare, name = self._names[at]
        return bare, self._export.file(name)
