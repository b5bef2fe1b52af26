"""Tool calls as the many servers of chat completions stream them: one numbering for all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiproxy_desktop.core.events import StreamEvent, ToolCallDelta


@dataclass(slots=True)
class _Call:
    """One call so far. It is not told before its name is known. `sent_id` is its id on the wire, if any."""

    index: int
    id: str
    sent_id: str = ""
    name: str = ""
    told: bool = False
    pieces: list[str] = field(default_factory=list)

    def is_whole(self) -> bool:
        """Whether its arguments are a JSON value already."""
        if not self.pieces:
            return False
        try:
            json.loads("".join(self.pieces))
        except (ValueError, RecursionError):
            return False
        return True


class ToolCalls:
    """Tells which call a piece belongs to.

    A piece has an index, or an id, or neither (then it goes on with the last call, or is a whole call
    where it has a name). Some servers give every call the same index, and some no ids at all.
    """

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    def __bool__(self) -> bool:
        return bool(self._calls)

    def take(self, pieces: Any, events: list[StreamEvent]) -> None:
        """Read the `tool_calls` of one delta, or of a whole message."""
        if isinstance(pieces, Mapping):
            pieces = [pieces]
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, Mapping):
                self._take(piece, events)

    def take_legacy(self, piece: Any, events: list[StreamEvent]) -> None:
        """Read `function_call`, of which an answer has one."""
        if isinstance(piece, Mapping):
            self._take({"index": -1, "function": piece}, events)

    def close(self, events: list[StreamEvent]) -> None:
        """Tell what never got a name: whoever runs it must refuse it, and not miss it."""
        for call in self._calls:
            if not call.told:
                events.append(ToolCallDelta(call.index, call.id, call.name, "".join(call.pieces)))
                call.told = True

    def _take(self, piece: Mapping[str, Any], events: list[StreamEvent]) -> None:
        function = piece.get("function")
        if not isinstance(function, Mapping):
            function = piece
        name, arguments = _text(function.get("name")), _arguments(function.get("arguments"))
        call = self._call(piece.get("index"), _text(piece.get("id")), name)
        if not call.told and name:
            call.name = name
        if arguments:
            call.pieces.append(arguments)
        if call.told:
            if arguments:
                events.append(ToolCallDelta(call.index, arguments=arguments))
        elif call.name:
            call.told = True
            events.append(ToolCallDelta(call.index, call.id, call.name, "".join(call.pieces)))

    def _call(self, index: Any, call_id: str, name: str) -> _Call:
        numbered = isinstance(index, int)
        if numbered:
            known = self._by_index.get(index)
        elif call_id:
            known = next((call for call in reversed(self._calls) if call.sent_id == call_id), None)
        else:
            known = self._calls[-1] if self._calls else None
        if known is not None and not _begins(known, call_id, name):
            return known
        # Two calls of one id could not be told apart by their results.
        own_id = call_id and all(call.id != call_id for call in self._calls)
        call = _Call(len(self._calls), call_id if own_id else _made_id(), call_id)
        self._calls.append(call)
        if numbered:
            self._by_index[index] = call
        return call


def _begins(known: _Call, call_id: str, name: str) -> bool:
    """Whether a piece is the beginning of another call than the one in its place."""
    if not name or not known.name:
        return False
    if call_id and call_id != known.sent_id:
        return True
    return not call_id and known.is_whole()


def _made_id() -> str:
    """An id for a call without one; unlike any other, also of other turns."""
    from uuid import uuid4

    return f"call_{uuid4().hex}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _arguments(value: Any) -> str:
    """JSON text; a few servers send the value itself."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value, ensure_ascii=False)
