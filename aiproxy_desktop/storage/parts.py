"""What a message holds besides its text, as JSON: tool calls, their results, and what providers want back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from aiproxy_desktop.core.messages import OpaquePart, ToolCallPart, ToolResultPart
from aiproxy_desktop.storage.records import Passage, StoredPart

_KINDS: dict[str, type[StoredPart]] = {
    "call": ToolCallPart,
    "result": ToolResultPart,
    "opaque": OpaquePart,
    "passage": Passage,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def parts_to_json(parts: Sequence[StoredPart]) -> str:
    """As stored; empty when there is none. Lone surrogates become question marks: JSON is UTF-8."""
    if not parts:
        return ""
    written = [{"kind": _NAMES[type(part)]} | _clean(msgspec.to_builtins(part)) for part in parts]
    return msgspec.json.encode(written).decode()


def parts_from_json(text: str) -> tuple[StoredPart, ...]:
    """Back from storage; kinds that this version does not know are left out."""
    try:
        raw = msgspec.json.decode(text.encode("utf-8", "replace"), type=list[dict[str, Any]])
    except msgspec.MsgspecError:
        return ()
    found: list[StoredPart] = []
    for entry in raw:
        kind = _KINDS.get(entry.pop("kind", ""))
        if kind is not None:
            try:
                found.append(msgspec.convert(entry, kind))
            except msgspec.MsgspecError:
                continue
    return tuple(found)


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in values.items()
    }
