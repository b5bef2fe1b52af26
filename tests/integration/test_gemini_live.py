"""The live session over Google's own client, against a server that speaks Gemini Live."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider

from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidRequestError,
    MissingKeyError,
    RequestError,
    UnreachableError,
)
from aiproxy_desktop.core.live.gemini_live import GeminiLiveSession
from aiproxy_desktop.core.telemetry import Telemetry
from tests.seed.services import GREETING, Authority, LiveServer, live_server
from tests.waiting import until


@pytest.fixture
async def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[LiveServer]:
    authority = Authority.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    async with live_server(authority) as server:
        yield server


def session_with(live: LiveServer, heard: list[Any], **more: Any) -> GeminiLiveSession:
    session = GeminiLiveSession(api_key="live-key-0123456789", base_url=live.url, **more)
    session.on_audio = lambda data: heard.append(("audio", len(data)))
    session.on_text = lambda text: heard.append(("text", text))
    session.on_transcript = lambda said: heard.append(("said", said["text"]))
    session.on_turn_complete = lambda _: heard.append("end")
    session.on_error = heard.append
    return session


async def test_a_turn_comes_as_text_sound_and_transcript(live: LiveServer) -> None:
    heard: list[Any] = []
    async with session_with(live, heard, system_instruction="Be brief.") as session:
        await session.send_audio(b"\x01\x00" * 160)
        await session.send_audio(base64.b64encode(b"\x02\x00" * 160).decode())
        await session.send_text("Good morning")
        await until(lambda: "end" in heard)
        await session.send_text("And again")
        await until(lambda: heard.count("end") == 2)
    once = [("text", GREETING), ("audio", 480), ("said", GREETING), "end"]
    assert heard == once * 2
    setup, first, second = live.messages[:3]
    assert "Be brief." in json.dumps(setup)
    sent = [json.dumps(message) for message in (first, second)]
    assert all("audio/pcm;rate=16000" in one for one in sent)
    assert base64.b64encode(b"\x02\x00" * 160).decode() in sent[1]


async def test_a_function_is_called_and_answered(live: LiveServer) -> None:
    live.calls_a_function = True
    async with GeminiLiveSession(api_key="live-key-0123456789", base_url=live.url) as session:

        async def weather(call: dict[str, Any]) -> None:
            await session.send_function_result({"sky": f"clear in {call['args']['location']}"})

        session.on_function_call = weather
        await session.send_text("What is the weather?")
        await until(lambda: "toolResponse" in live.messages[-1] or "tool_response" in live.messages[-1])
        with pytest.raises(InvalidRequestError):
            await session.send_function_result({})
    answer = json.dumps(live.messages[-1])
    assert "clear in Boston" in answer
    assert '"call-1"' in answer


async def test_what_it_lacks_is_said_at_the_start(live: LiveServer) -> None:
    with pytest.raises(MissingKeyError):
        await GeminiLiveSession(base_url=live.url).start()
    with pytest.raises(InvalidRequestError):
        await GeminiLiveSession(api_key="live-key-0123456789").send_text("Nobody listens")
    with pytest.raises(UnreachableError):
        await GeminiLiveSession(api_key="live-key-0123456789", base_url="https://localhost:1").start()


@pytest.mark.parametrize(
    ("code", "kind"), [(1008, RequestError), (1011, AIProxyError), (1000, InterruptedStreamError)]
)
async def test_a_session_that_the_server_ends(live: LiveServer, code: int, kind: type[AIProxyError]) -> None:
    heard: list[Any] = []
    live.closes_with = code
    async with session_with(live, heard) as session:
        await session.send_text("Good morning")
        await until(lambda: heard)
        (error,) = heard
        assert isinstance(error, kind)
        with pytest.raises(InvalidRequestError):
            await session.send_text("Are you there?")


async def test_a_session_that_broke_can_be_started_again(live: LiveServer) -> None:
    heard: list[Any] = []
    live.closes_with = 1011
    async with session_with(live, heard) as session:
        await session.send_text("Good morning")
        await until(lambda: heard)
        live.closes_with = None
        await session.start()
        await session.send_text("Good morning again")
        await until(lambda: "end" in heard)
    assert len(live.paths) == 2


async def test_a_callback_that_fails_is_logged_and_the_session_goes_on(
    live: LiveServer, expected_logs: Any
) -> None:
    heard: list[Any] = []
    expected_logs.expect("a callback of a live session failed")

    def fail(_: str) -> None:
        raise ZeroDivisionError

    async with session_with(live, heard) as session:
        session.on_text = fail
        await session.send_text("Good morning")
        await until(lambda: "end" in heard)
        await session.send_text("And again")
        await until(lambda: heard.count("end") == 2)


@dataclass
class Measured:
    """Telemetry into memory."""

    reader: InMemoryMetricReader = field(default_factory=InMemoryMetricReader)

    def __post_init__(self) -> None:
        self.meters = MeterProvider((self.reader,), shutdown_on_exit=False)
        self.telemetry = Telemetry.over(TracerProvider(shutdown_on_exit=False), self.meters)

    def sessions(self) -> list[dict[str, Any]]:
        """The attributes of each session that was timed, once for each that was alike."""
        told = self.reader.get_metrics_data()
        assert told is not None
        data = json.loads(told.to_json())
        metrics = data["resource_metrics"][0]["scope_metrics"][0]["metrics"]
        (timed,) = [metric for metric in metrics if metric["name"] == "ai_proxy.duration"]
        return [point["attributes"] for point in timed["data"]["data_points"]]


async def test_how_long_a_session_lasted_is_told(live: LiveServer) -> None:
    measured, heard = Measured(), list[Any]()
    more: dict[str, Any] = {
        "telemetry": measured.telemetry,
        "client_context": {"app": "walkie", "device": "desk", "user_id": "u-1"},
    }
    async with session_with(live, heard, **more) as session:
        await session.send_text("Good morning")
        await until(lambda: "end" in heard)
    live.closes_with = 1011
    async with session_with(live, heard, **more) as session:
        await session.send_text("Good morning")
        await until(lambda: isinstance(heard[-1], AIProxyError))
    told = {
        "model": "gemini-3.8-live",
        "provider": "gemini",
        "client.app": "walkie",
        "client.device": "desk",
        "operation": "gemini_live_session",
    }
    assert measured.sessions() == [
        {**told, "status": "success"},
        {**told, "status": "error", "error_type": type(heard[-1]).__name__},
    ]
    measured.meters.shutdown()
    with pytest.raises(InvalidRequestError):
        GeminiLiveSession(client_context={"nobody": 1})
