"""Function calls of a session: which wait for a result, and which results another connection must be told."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.events import FunctionCall


@dataclass(slots=True, eq=False)
class OpenCall:
    """A call.

    `handles` is how many handles there were when it came; `as_text` that the connection of now knows nothing
    of it.
    """

    call: FunctionCall
    asked_at: float
    handles: int
    result: Mapping[str, Any] | None = None
    sent: bool = False
    as_text: bool = False


class CallBook:
    """The calls whose results are not yet part of the conversation."""

    def __init__(self) -> None:
        self._calls: dict[str, OpenCall] = {}
        # Taken back, or answered for whoever did not: their results come too late, which is no mistake.
        self._void: deque[str] = deque(maxlen=256)

    def __bool__(self) -> bool:
        return bool(self._calls)

    @property
    def waiting(self) -> tuple[FunctionCall, ...]:
        """Those without a result, oldest first."""
        return tuple(entry.call for entry in self._calls.values() if entry.result is None)

    @property
    def ids(self) -> tuple[str, ...]:
        """Of all."""
        return tuple(self._calls)

    def asked(self, call: FunctionCall, now: float, handles: int) -> None:
        """A call came; services count on their own, so its id may be that of one long over."""
        while call.id in self._void:
            self._void.remove(call.id)
        self._calls[call.id] = OpenCall(call, now, handles)

    def answer(self, call_id: str, result: Mapping[str, Any]) -> bool:
        """A result; False where nobody wants it any more.

        Raises:
            InvalidRequestError: no such call waits.
        """
        entry = self._calls.get(call_id)
        if call_id in self._void:
            return False
        if entry is None or entry.result is not None:
            raise InvalidRequestError("No function call waits for this result", "Answer each call once.")
        entry.result = result
        return True

    def give_up(self, call_id: str, result: Mapping[str, Any]) -> None:
        """Answer for whoever did not; what comes of them later comes too late."""
        self.answer(call_id, result)
        self._void.append(call_id)

    def void(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Results of these are wanted no more; which of them were still open."""
        known = tuple(call_id for call_id in ids if self._calls.pop(call_id, None) is not None)
        self._void.extend(known)
        return known

    def overdue(self, now: float, seconds: float) -> tuple[str, ...]:
        """Those that wait for longer than that."""
        entries = self._calls.items()
        return tuple(one for one, entry in entries if entry.result is None and now - entry.asked_at > seconds)

    def to_send(self) -> list[OpenCall]:
        """Results that the connection of now is to be given, each once."""
        found = [entry for entry in self._calls.values() if _ready(entry)]
        for entry in found:
            entry.sent = True
        return found

    def to_tell(self) -> str:
        """The results that can only be told as text, once all of them are there; they are then done with."""
        told = [entry for entry in self._calls.values() if entry.as_text]
        if not told or any(entry.result is None for entry in told):
            return ""
        self._void.extend(entry.call.id for entry in told)
        for entry in told:
            del self._calls[entry.call.id]
        return "\n".join(_in_words(entry) for entry in told)

    def settle(self) -> None:
        """An answer is whole: what was sent before it is part of the conversation."""
        for call_id in [one for one, entry in self._calls.items() if entry.sent]:
            del self._calls[call_id]

    def known_to(self, handles: int) -> bool:
        """Whether all calls came before the newest of so many handles, so that its holder knows them."""
        return all(entry.handles < handles and not entry.as_text for entry in self._calls.values())

    def moved(self, *, known: bool) -> None:
        """Another connection: results are sent again, or told as text where it does not know the calls."""
        for entry in self._calls.values():
            entry.sent, entry.as_text = False, not known


def _ready(entry: OpenCall) -> bool:
    return entry.result is not None and not entry.sent and not entry.as_text


def _in_words(entry: OpenCall) -> str:
    arguments = json.dumps(dict(entry.call.arguments), ensure_ascii=False, default=str)
    result = json.dumps(entry.result, ensure_ascii=False, default=str)
    return f"(The function {entry.call.name} was run with {arguments}. Its result: {result})"
