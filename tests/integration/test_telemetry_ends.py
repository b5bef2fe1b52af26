"""The end of telemetry: of the loop it began in, and of the client that reports."""

from __future__ import annotations

import asyncio
import threading

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider

from aiproxy_desktop.core.completions import OllamaCompletions
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.fallback import Target
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.telemetry import Telemetry
from aiproxy_desktop.core.telemetry_export import Instruments
from aiproxy_desktop.core.testing import ScriptedProvider


def test_a_loop_that_ended_meanwhile_leaves_nothing_to_wait_for() -> None:
    begun, go_on = threading.Event(), threading.Event()
    instruments = Instruments(TracerProvider(), MeterProvider())

    def build() -> Instruments:
        begun.set()
        go_on.wait(30)
        return instruments

    telemetry = Telemetry(build)
    target = Target(ScriptedProvider(()), "m")
    request = CompletionRequest("m", (Message.of("user", "Hi"),))

    async def give_up() -> None:
        task = asyncio.get_running_loop().create_task(telemetry.begin(target, request, None))
        await asyncio.to_thread(begun.wait, 30)
        task.cancel()

    async def again() -> None:
        go_on.set()
        async with asyncio.timeout(30):
            operation = await telemetry.begin(target, request, None)
        assert operation is not None
        operation.succeeded()

    asyncio.run(give_up())
    asyncio.run(again())


async def test_a_provider_used_alone_hands_over_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    class Watched(Telemetry):
        closed = False

        async def aclose(self) -> None:
            self.closed = True

    telemetry = Watched(lambda: Instruments(TracerProvider(), MeterProvider()))
    monkeypatch.setattr("aiproxy_desktop.core.client.telemetry_from_environment", lambda _: telemetry)
    async with OllamaCompletions("127.0.0.1:1") as ollama:
        with pytest.raises(AIProxyError):
            await ollama.create_completion([{"role": "user", "content": "Hello"}], "m", timeout=0.01)
        assert not telemetry.closed
    assert telemetry.closed
