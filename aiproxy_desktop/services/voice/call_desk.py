"""Function calls of a session: who allows them, who runs them, who answers."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import FunctionCall
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.services.voice.functions import AppFunction
from aiproxy_desktop.services.voice.transcript import Transcript

# Seconds that one of the application's own functions may take.
_LONGEST_RUN = 20.0

_log = logging.getLogger(__name__)

# Tells the model what came of a call.
Answer: TypeAlias = Callable[[str, Mapping[str, Any]], None]


class CallDesk:
    """Calls of one session. Nothing here waits for a person: the conversation goes on meanwhile.

    Args:
        transcript: where the calls stand.
        functions: the application's own that the model may call, by name.
        declared: names of those that the person answers.
        answer: tells the model.
        scope: owns the runs.
        clock: seconds of the session.
        told: called after every change.
    """

    def __init__(
        self,
        transcript: Transcript,
        functions: Mapping[str, AppFunction],
        declared: frozenset[str],
        answer: Answer,
        scope: TaskScope,
        clock: Callable[[], float],
        told: Callable[[], None],
    ) -> None:
        self._transcript = transcript
        self._functions = functions
        self._known = dict(functions)
        self._declared = declared
        self._answer = answer
        self._scope = scope
        self._clock = clock
        self._told = told
        self._calls: dict[str, FunctionCall] = {}
        self._allowed: set[str] = set()

    def offer(self, functions: Mapping[str, AppFunction], declared: frozenset[str]) -> None:
        """Other functions from now on; what was called already goes its way."""
        self._functions, self._declared = functions, declared
        self._known |= functions

    def called(self, call: FunctionCall) -> None:
        """The model wants a function run."""
        if call.id in self._calls:
            return
        self._calls[call.id] = call
        arguments = _as_text(dict(call.arguments))
        if call.name in self._functions:
            self._transcript.function_called(call, arguments, "asking", self._clock())
            if call.name in self._allowed:
                self._run(call)
        elif call.name in self._declared:
            self._transcript.function_called(call, arguments, "waiting", self._clock())
        else:
            self._transcript.function_called(call, arguments, "failed", self._clock())
            self._close(call.id, "failed", {"error": f"There is no function {call.name} here."})

    def allow(self, call_id: str, *, always: bool) -> None:
        """The person has seen the arguments and lets it run."""
        call = self._calls.get(call_id)
        if call is None or not self._is(call_id, "asking"):
            return
        if always:
            self._allowed.add(call.name)
        self._run(call)
        if always:
            for other in self._calls.values():
                if other.name == call.name and self._is(other.id, "asking"):
                    self._run(other)

    def deny(self, call_id: str) -> None:
        """The person does not want it."""
        if self._is(call_id, "asking", "waiting"):
            self._close(call_id, "denied", {"error": "The person did not allow this function to run."})

    def answer_by_hand(self, call_id: str, text: str) -> None:
        """The person's answer: JSON, or plain text."""
        if not self._is(call_id, "waiting"):
            return
        try:
            read = json.loads(text)
        except ValueError:
            read = text
        self._close(call_id, "done", read if isinstance(read, dict) else {"result": read}, shown=text)

    def cancelled(self, call_ids: tuple[str, ...]) -> None:
        """The model wants them no more; what runs runs out, and is told nobody."""
        for call_id in call_ids:
            if self._is(call_id, "asking", "waiting", "running"):
                self._transcript.change_call(call_id, status="cancelled")

    def _run(self, call: FunctionCall) -> None:
        self._transcript.change_call(call.id, status="running")
        self._scope.start(self._carry_out(call), f"function {call.name}")
        self._told()

    async def _carry_out(self, call: FunctionCall) -> None:
        function = self._known[call.name]
        began = self._clock()
        status, result = "done", {}
        try:
            async with asyncio.timeout(_LONGEST_RUN):
                result = dict(await on_thread(partial(function.run, call.arguments), call.name))
        except TimeoutError:
            status, result = (
                "failed",
                {"error": f"{call.name} did not end within {_LONGEST_RUN:.0f} seconds."},
            )
        except AIProxyError as error:
            status, result = "failed", {"error": str(error)}
        except Exception as error:  # noqa: BLE001 - arguments are the model's: whatever they bring about
            _log.error("the function %s failed", call.name, exc_info=error)
            status, result = "failed", {"error": f"{call.name} failed."}
        self._transcript.change_call(call.id, seconds=self._clock() - began)
        if self._is(call.id, "running"):
            self._close(call.id, status, result)

    def _close(self, call_id: str, status: str, result: Mapping[str, Any], shown: str = "") -> None:
        self._transcript.change_call(call_id, status=status, result=shown or _as_text(result))
        self._answer(call_id, result)
        self._told()

    def _is(self, call_id: str, *statuses: str) -> bool:
        call = self._transcript.call(call_id)
        return call is not None and call.status in statuses


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
