"""The seed's GeminiLiveSession: talking with Gemini Live by voice and text, over Google's own client."""

from __future__ import annotations

import base64
import binascii
import inspect
import logging
import os
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, TypeAlias

from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials, key_of
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError, InvalidRequestError
from aiproxy_desktop.core.live.google_errors import LIVE_LABEL, LIVE_PROVIDER, live_failure
from aiproxy_desktop.core.live.session_clock import SessionClock

if TYPE_CHECKING:
    import asyncio

    from google.genai import types
    from google.genai.live import AsyncSession

    from aiproxy_desktop.core.client_context import ClientContext
    from aiproxy_desktop.core.telemetry import Telemetry

DEFAULT_MODEL = "gemini-3.8-live"

# PCM16 little-endian, mono: samples a second as Gemini Live takes and gives them.
INPUT_RATE = 16_000
OUTPUT_RATE = 24_000

_VERSION = "v1beta"

_log = logging.getLogger(__name__)

Callback: TypeAlias = Callable[[Any], Awaitable[None] | object]


class GeminiLiveSession:
    """One session. Set the callbacks, `start`, send, `stop`.

    A callback may be a plain function or a coroutine function:

    - `on_audio(bytes)`: PCM16 mono at 24 kHz
    - `on_text(str)`: text of the answer; `on_transcript({"role", "text"})`: what was said, in words
    - `on_function_call({"id", "name", "args"})`: answer it with `send_function_result`
    - `on_interrupted(None)`: the person spoke; drop what is still to be played
    - `on_turn_complete(None)`; `on_error(AIProxyError)`: the session has ended

    What a callback raises is logged; the session goes on.
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
        client_context: ClientContext | Mapping[str, Any] | None = None,
        telemetry: Telemetry | None = None,
    ) -> None:
        """Describe a session; nothing is needed, imported or opened before `start`.

        Args:
            api_key: by default GOOGLE_API_KEY or GEMINI_API_KEY at `start`.
            model: a Live model.
            config: Google's LiveConnectConfig; by default answers come as audio.
            system_instruction: how the model shall behave.
            enable_code_execution: let the model run Python at Google's; not every Live model takes it.
            enable_google_search: let it search the web.
            custom_tools: Google's `types.Tool` values.
            base_url: by default GOOGLE_GEMINI_BASE_URL, else Google's own.
            client_context: who talks, for telemetry; see `ClientContext`.
            telemetry: where to report how long the session was; by default what OTEL_ENABLED asks for.

        Raises:
            InvalidRequestError: the client context is none.
        """
        self.model = model
        self.config = config
        self.system_instruction = system_instruction
        self.enable_code_execution = enable_code_execution
        self.enable_google_search = enable_google_search
        self.custom_tools = tuple(custom_tools or ())
        self.on_audio: Callback | None = None
        self.on_text: Callback | None = None
        self.on_transcript: Callback | None = None
        self.on_function_call: Callback | None = None
        self.on_interrupted: Callback | None = None
        self.on_turn_complete: Callback | None = None
        self.on_error: Callback | None = None
        self._credentials = (
            EnvironmentCredentials(os.environ)
            if api_key is None
            else StaticCredentials({LIVE_PROVIDER: api_key})
        )
        self._base_url = base_url
        self._clock = SessionClock(telemetry, client_context)
        self._client: Any = None
        self._session: AsyncSession | None = None
        self._opened: AsyncExitStack | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._unanswered: dict[str, str] = {}

    async def start(self) -> None:
        """Open the connection and begin to listen.

        Raises:
            AIProxyError: no key, no way to Google, a refusal; ConfigurationError where google-genai is not
                installed.
        """
        if self._session is not None:
            return
        await self.stop()  # what is left of one that broke
        key = await key_of(self._credentials, LIVE_PROVIDER, LIVE_LABEL, required=True)
        from aiproxy_desktop.core.threads import on_thread

        try:
            client, config = await on_thread(lambda: self._prepare(key or ""), "google-genai")
        except ImportError:
            raise ConfigurationError(
                "Gemini Live needs the package google-genai",
                "Install aiproxy-desktop[live].",
                provider=LIVE_PROVIDER,
            ) from None
        await self._clock.begin(LIVE_PROVIDER, self.model)
        opened = AsyncExitStack()
        try:
            session = await opened.enter_async_context(
                client.aio.live.connect(model=self.model, config=config)
            )
        except Exception as error:  # noqa: BLE001 - whatever Google's client and websockets raise
            failed = live_failure(error)
        else:
            # The client must live as long as the session does.
            self._client = client
            self._session, self._opened = session, opened
            self._own(self._listen(session))
            return
        self._clock.ended(failed)
        await self._clock.aclose()
        raise failed

    async def stop(self) -> None:
        """End the session; a session that was never started, or has ended, is no error."""
        import asyncio

        opened, self._opened, self._session = self._opened, None, None
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._unanswered.clear()
        if opened is not None:
            await opened.aclose()
        self._client = None
        await self._clock.aclose()

    async def send_audio(self, audio_data: bytes | str) -> None:
        """More of what the microphone hears: PCM16 mono at 16 kHz, in bytes or base64.

        Raises:
            InvalidRequestError: it is neither.
            AIProxyError: the session is not open, or broke.
        """
        from google.genai import types

        data = _pcm(audio_data)
        blob = types.Blob(data=data, mime_type=f"audio/pcm;rate={INPUT_RATE}")
        await self._send(lambda session: session.send_realtime_input(audio=blob))

    async def send_text(self, text: str) -> None:
        """A whole turn in writing.

        Raises:
            AIProxyError: the session is not open, or broke.
        """
        from google.genai import types

        turn = types.Content(role="user", parts=[types.Part(text=text)])
        await self._send(lambda session: session.send_client_content(turns=turn, turn_complete=True))

    async def send_function_result(self, result: Any, call_id: str | None = None) -> None:
        """Answer a function call: the one of this id, else the oldest that waits.

        Args:
            result: anything JSON can hold; what is no mapping is put under "result".
            call_id: the `id` that `on_function_call` was given.

        Raises:
            InvalidRequestError: no such call waits.
            AIProxyError: the session is not open, or broke.
        """
        from google.genai import types

        chosen = call_id or next(iter(self._unanswered), None)
        if chosen is None or chosen not in self._unanswered:
            raise InvalidRequestError("No function call waits for this result", "Answer each call once.")
        name = self._unanswered.pop(chosen)
        content = dict(result) if isinstance(result, Mapping) else {"result": result}
        response = types.FunctionResponse(id=chosen, name=name, response=content)
        await self._send(lambda session: session.send_tool_response(function_responses=[response]))

    async def __aenter__(self) -> GeminiLiveSession:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _prepare(self, key: str) -> tuple[Any, Any]:
        """Google's client and the session's configuration; for a thread, as it imports for a second."""
        from google import genai
        from google.genai import types

        config = self.config
        if config is None or isinstance(config, Mapping):
            config = types.LiveConnectConfig(**{"response_modalities": ["AUDIO"], **(config or {})})
        tools: list[Any] = list(config.tools or ())
        if self.enable_code_execution:
            tools.append(types.Tool(code_execution=types.ToolCodeExecution()))
        if self.enable_google_search:
            tools.append(types.Tool(google_search=types.GoogleSearch()))
        tools += self.custom_tools
        instruction: Any = self.system_instruction
        if isinstance(instruction, str):
            instruction = types.Content(parts=[types.Part(text=instruction)])
        config = config.model_copy(
            update={
                "tools": tools or None,
                "system_instruction": instruction or config.system_instruction,
            }
        )
        base_url = self._base_url or os.environ.get("GOOGLE_GEMINI_BASE_URL", "").strip() or None
        options = types.HttpOptions(api_version=_VERSION, base_url=base_url)
        return genai.Client(api_key=key, vertexai=False, http_options=options), config

    async def _send(self, act: Callable[[AsyncSession], Awaitable[None]]) -> None:
        session = self._session
        if session is None:
            raise InvalidRequestError("The live session is not open", "Call start() first.")
        try:
            await act(session)
        except Exception as error:  # noqa: BLE001 - whatever Google's client and websockets raise
            failed = live_failure(error)
        else:
            return
        raise failed

    async def _listen(self, session: AsyncSession) -> None:
        failed: AIProxyError | None = None
        try:
            while self._session is session:
                # It ends after each turn.
                async for message in session.receive():
                    await self._take(message)
        except Exception as error:  # noqa: BLE001 - whatever Google's client and websockets raise
            failed = live_failure(error)
        if failed is not None and self._session is session:
            self._session = None
            self._clock.ended(failed)
            await _call(self.on_error, failed)

    async def _take(self, message: types.LiveServerMessage) -> None:
        content = message.server_content
        if content is not None:
            if content.interrupted:
                await _call(self.on_interrupted, None)
            for role, heard in (
                ("user", content.input_transcription),
                ("model", content.output_transcription),
            ):
                if heard is not None and heard.text:
                    await _call(self.on_transcript, {"role": role, "text": heard.text})
            await self._take_parts(content.model_turn)
            if content.turn_complete:
                await _call(self.on_turn_complete, None)
        for call in (message.tool_call.function_calls or ()) if message.tool_call is not None else ():
            self._function_called(call)
        if message.tool_call_cancellation is not None:
            for cancelled in message.tool_call_cancellation.ids or ():
                self._unanswered.pop(cancelled, None)

    async def _take_parts(self, turn: types.Content | None) -> None:
        for part in (turn.parts or ()) if turn is not None else ():
            if part.inline_data is not None and part.inline_data.data:
                await _call(self.on_audio, part.inline_data.data)
            if part.text and not part.thought:
                await _call(self.on_text, part.text)

    def _function_called(self, call: types.FunctionCall) -> None:
        name, call_id = call.name or "", call.id or f"call_{len(self._unanswered)}"
        self._unanswered[call_id] = name
        if self.on_function_call is not None:
            # On its own: a function may take its time, and the session goes on meanwhile.
            asked = {"id": call_id, "name": name, "args": dict(call.args or {})}
            self._own(_call(self.on_function_call, asked))

    def _own(self, work: Coroutine[Any, Any, None]) -> None:
        import asyncio

        task = asyncio.get_running_loop().create_task(work, name="gemini live")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _call(callback: Callback | None, value: Any) -> None:
    if callback is None:
        return
    try:
        outcome = callback(value)
        if inspect.isawaitable(outcome):
            await outcome
    except Exception as error:  # noqa: BLE001 - whatever code of others raises
        _log.error("a callback of a live session failed", exc_info=error)


def _pcm(audio: bytes | str) -> bytes:
    if isinstance(audio, bytes | bytearray | memoryview):
        return bytes(audio)
    try:
        return base64.b64decode(audio, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidRequestError(
            "The audio cannot be sent", "Give PCM16 samples as bytes, or base64 of them."
        ) from None
