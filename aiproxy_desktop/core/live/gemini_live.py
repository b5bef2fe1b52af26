"""The seed's GeminiLiveSession: talking with Gemini Live by voice and text, with callbacks."""

from __future__ import annotations

import base64
import binascii
import inspect
import logging
import os
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials
from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.live.events import (
    AnswerText,
    AudioDelta,
    FunctionCall,
    InputTranscript,
    Interrupted,
    LiveEvent,
    OutputTranscript,
    Reconnected,
    Reconnecting,
    ServiceFailed,
    SessionEnded,
    TurnDone,
)
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.services import GEMINI_LIVE_URL, GeminiLiveService
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.session_clock import SessionClock

if TYPE_CHECKING:
    import asyncio

    from google.genai import types

    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.live.functions import AnyFunction
    from aiproxy_desktop.core.telemetry import Telemetry

DEFAULT_MODEL = "gemini-3.8-live"

_PROVIDER = "gemini"

_NOT_ALLOWED = {"error": "The person did not allow this."}

_log = logging.getLogger(__name__)

Callback: TypeAlias = Callable[[Any], Awaitable[None] | object]
Approve: TypeAlias = Callable[[Any], Awaitable[bool] | bool]


class GeminiLiveSession:
    """One session. Set the callbacks, `start`, send, `stop`.

    A callback may be a plain function or a coroutine function:

    - `on_audio(bytes)`: PCM16 mono at 24 kHz
    - `on_text(str)`: text of the answer; `on_transcript({"role", "text"})`: what was said, in words
    - `on_function_call({"id", "name", "args"})`: answer it with `send_function_result`
    - `on_interrupted(None)`: the person spoke; drop what is still to be played
    - `on_turn_complete(None)`
    - `on_reconnect({"state", "reason", ...})`: the connection is made anew, state "reconnecting", then
      "reconnected" with `resumed` and `restarted` (an answer comes again from its beginning). Nothing has to
      be done: what was said and not answered is sent again
    - `on_error(AIProxyError)`: the service refused something, or the session has ended

    What a callback raises is logged; the session goes on. `approve({"id", "name", "args"})` tells whether a
    plain function among the tools may be run; without it such a call reaches `on_function_call`, as all
    others do.

    By default the service hears when the person begins and ends to speak. Where the configuration turns that
    off, `start_activity` and `end_activity` say so.
    """

    def __init__(
        self,
        api_key: str | None = None,
        model: str = DEFAULT_MODEL,
        config: types.LiveConnectConfig | Mapping[str, Any] | None = None,
        system_instruction: str | types.Content | None = None,
        enable_code_execution: bool = False,
        enable_google_search: bool = False,
        custom_tools: Sequence[Any] | None = None,
        base_url: str | None = None,
        *,
        approve: Approve | None = None,
        client_context: ClientContext | Mapping[str, Any] | None = None,
        telemetry: Telemetry | None = None,
        policy: LivePolicy | None = None,
    ) -> None:
        """Describe a session; nothing is needed, imported or opened before `start`.

        Args:
            api_key: by default GOOGLE_API_KEY or GEMINI_API_KEY at `start`.
            model: a Live model.
            config: Google's LiveConnectConfig, or a mapping of its fields; by default answers come as audio.
            system_instruction: how the model shall behave.
            enable_code_execution: let the model run Python at Google's; not every Live model takes it.
            enable_google_search: let it search the web.
            custom_tools: Google's `types.Tool` values, mappings of their fields, or plain functions.
            base_url: by default GOOGLE_GEMINI_BASE_URL, else Google's own.
            approve: asked before a plain function is run.
            client_context: who talks, for telemetry; see `ClientContext`.
            telemetry: where to report how long the session was; by default what OTEL_ENABLED asks for.
            policy: the session's patience and bounds.

        Raises:
            InvalidRequestError: the client context is none.
        """
        self.model = model
        self.config = config
        self.system_instruction = system_instruction
        self.enable_code_execution = enable_code_execution
        self.enable_google_search = enable_google_search
        self.custom_tools = tuple(custom_tools or ())
        self.approve = approve
        self.on_audio: Callback | None = None
        self.on_text: Callback | None = None
        self.on_transcript: Callback | None = None
        self.on_function_call: Callback | None = None
        self.on_interrupted: Callback | None = None
        self.on_turn_complete: Callback | None = None
        self.on_reconnect: Callback | None = None
        self.on_error: Callback | None = None
        self._credentials = (
            EnvironmentCredentials(os.environ) if api_key is None else StaticCredentials({_PROVIDER: api_key})
        )
        self._base_url = base_url
        self._telemetry, self._context, self._policy = telemetry, client_context, policy
        SessionClock(telemetry, client_context)  # a context that is none is said here, not at the start
        self._session: LiveSession | None = None
        self._functions: dict[str, AnyFunction] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Open the connection and begin to listen; nothing where it is open.

        Raises:
            AIProxyError: no key, no way to Google, a refusal.
        """
        if self._session is not None:
            return
        await self.stop()  # what is left of one that broke
        from aiproxy_desktop.core.live.google_config import live_options

        options, self._functions = live_options(
            self.model,
            self.config,
            self.system_instruction,
            self.custom_tools,
            google_search=self.enable_google_search,
            code_execution=self.enable_code_execution,
        )
        base_url = self._base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL", "").strip() or GEMINI_LIVE_URL
        session = LiveSession(
            GeminiLiveService(self._credentials, base_url),
            options,
            telemetry=self._telemetry,
            client_context=self._context,
            policy=self._policy,
        )
        await session.start()
        self._session = session
        self._own(self._listen(session))

    async def stop(self) -> None:
        """End the session; a session that was never started, or has ended, is no error."""
        import asyncio

        session, self._session = self._session, None
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if session is not None:
            await session.aclose()

    async def send_audio(self, audio_data: bytes | str, mime_type: str = "") -> None:
        """More of what the microphone hears: PCM16 mono at 16 kHz, in bytes or base64.

        Args:
            audio_data: whole samples.
            mime_type: `audio/pcm`, with `;rate=16000` or without, where it is known.

        Raises:
            InvalidRequestError: it is none of that, or the session is not open.
        """
        rate = _rate_of(mime_type)
        await self._open_session().send_audio(_pcm(audio_data), rate)

    async def send_text(self, text: str) -> None:
        """A whole turn in writing.

        Raises:
            InvalidRequestError: it is empty, or the session is not open.
        """
        await self._open_session().send_text(text)

    async def start_activity(self) -> None:
        """Push to talk: the person begins to speak.

        Raises:
            InvalidRequestError: the service detects that itself, or the session is not open.
        """
        await self._open_session().begin_turn()

    async def end_activity(self) -> None:
        """Push to talk: the person has spoken.

        Raises:
            InvalidRequestError: the session is not open.
        """
        await self._open_session().end_turn()

    async def send_function_result(self, result: Any, call_id: str | None = None) -> None:
        """Answer a function call: the one of this id, else the oldest that waits.

        Args:
            result: anything JSON can hold; what is no mapping is put under "result".
            call_id: the `id` that `on_function_call` was given.

        Raises:
            InvalidRequestError: no such call waits, or the session is not open.
        """
        session = self._open_session()
        chosen = call_id or next((call.id for call in session.waiting_calls), "")
        await session.send_function_result(
            chosen, dict(result) if isinstance(result, Mapping) else {"result": result}
        )

    async def __aenter__(self) -> GeminiLiveSession:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _open_session(self) -> LiveSession:
        if self._session is None:
            raise InvalidRequestError("The live session is not open", "Call start() first.")
        return self._session

    async def _listen(self, session: LiveSession) -> None:
        async for event in session.events():
            await self._take(event, session)

    async def _take(self, event: LiveEvent, session: LiveSession) -> None:
        match event:
            case AudioDelta():
                await _call(self.on_audio, event.data)
            case AnswerText():
                await _call(self.on_text, event.text)
            case InputTranscript() | OutputTranscript() if event.text:
                role = "user" if isinstance(event, InputTranscript) else "model"
                await _call(self.on_transcript, {"role": role, "text": event.text})
            case FunctionCall():
                # On its own: a function may take its time, and the session goes on meanwhile.
                self._own(self._called(event, session))
            case Interrupted():
                await _call(self.on_interrupted, None)
            case TurnDone():
                await _call(self.on_turn_complete, None)
            case Reconnecting() | Reconnected():
                state = "reconnecting" if isinstance(event, Reconnecting) else "reconnected"
                await _call(self.on_reconnect, {"state": state, **asdict(event)})
            case ServiceFailed():
                await _call(self.on_error, event.error)
            case SessionEnded():
                await self._ended(event, session)
            case _:
                pass

    async def _ended(self, event: SessionEnded, session: LiveSession) -> None:
        if self._session is session:
            self._session = None
            await session.aclose()
            if event.error is not None:
                await _call(self.on_error, event.error)

    async def _called(self, call: FunctionCall, session: LiveSession) -> None:
        asked = {"id": call.id, "name": call.name, "args": dict(call.arguments)}
        function = self._functions.get(call.name)
        if function is None or self.approve is None:
            await _call(self.on_function_call, asked)
            return
        from aiproxy_desktop.core.live.functions import call_function

        allowed = await _call(self.approve, asked)
        result = await call_function(function, call.arguments) if allowed is True else _NOT_ALLOWED
        try:
            await session.send_function_result(call.id, result)
        except InvalidRequestError as error:  # the session has ended meanwhile
            _log.info("a function's result came too late: %s", error.title)

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        import asyncio

        task = asyncio.get_running_loop().create_task(work, name="gemini live")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _call(callback: Callback | None, value: Any) -> Any:
    if callback is None:
        return None
    try:
        outcome = callback(value)
        return await outcome if inspect.isawaitable(outcome) else outcome
    except Exception as error:  # noqa: BLE001 - whatever code of others raises
        _log.error("a callback of a live session failed", exc_info=error)
        return None


def _rate_of(mime_type: str) -> int | None:
    """The rate that a type of sound names; None where it names none.

    Raises:
        InvalidRequestError: it is no PCM.
    """
    if not mime_type:
        return None
    kind, _, rest = mime_type.lower().replace(" ", "").partition(";")
    if kind not in {"audio/pcm", "audio/l16"}:
        raise InvalidRequestError(
            f"Sound of type {mime_type[:60]} cannot be sent", "Gemini Live takes audio/pcm: PCM16 at 16 kHz."
        )
    found = re.search(r"rate=(\d{1,7})", rest)
    return int(found[1]) if found else None


def _pcm(audio: bytes | str) -> bytes:
    if isinstance(audio, bytes | bytearray | memoryview):
        return bytes(audio)
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidRequestError(
            "The audio cannot be sent", "Give PCM16 samples as bytes, or base64 of them."
        ) from None
