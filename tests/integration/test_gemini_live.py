"""The seed's live session, against a server that speaks Gemini Live."""

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
    ProviderFailureError,
    RequestError,
    UnreachableError,
)
from aiproxy_desktop.core.live.gemini_live import GeminiLiveSession
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.telemetry import Telemetry
from tests.seed.services import GREETING, Authority, LiveServer, live_server
from tests.waiting import until

IMPATIENT = LivePolicy(first_wait=0.01, breaks=2)

ONCE = [("text", GREETING), ("audio", 480), ("said", GREETING), "end"]


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
    assert heard == ONCE * 2
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


async def test_a_plain_function_is_run_where_that_is_allowed(live: LiveServer) -> None:
    def get_weather(location: str) -> str:
        """Tells the weather.

        Args:
            location: a city
        """
        return f"clear in {location}"

    def results() -> list[Any]:
        sent = [message["toolResponse"] for message in live.messages if "toolResponse" in message]
        return [one["functionResponses"][0]["response"] for one in sent]

    live.calls_a_function = True
    asked: list[Any] = []
    make: dict[str, Any] = {
        "api_key": "live-key-0123456789",
        "base_url": live.url,
        "custom_tools": [get_weather],
    }
    async with GeminiLiveSession(
        **make, approve=lambda call: call["args"]["location"] == "Boston"
    ) as session:
        await session.send_text("What is the weather?")
        await until(results)
        session.approve = lambda _: False
        await session.send_text("And now?")
        await until(lambda: len(results()) == 2)
        session.approve, session.on_function_call = None, asked.append
        await session.send_text("And now?")
        await until(lambda: asked)
    assert results() == [{"result": "clear in Boston"}, {"error": "The person did not allow this."}]
    (declared,) = live.messages[0]["setup"]["tools"][0]["functionDeclarations"]
    assert declared["parametersJsonSchema"]["properties"] == {
        "location": {"type": "string", "description": "a city"}
    }


async def test_sound_that_it_cannot_take_is_refused_in_a_sentence(live: LiveServer) -> None:
    async with GeminiLiveSession(api_key="live-key-0123456789", base_url=live.url) as session:
        for sound, kind, words in (
            (b"123", "", "ends within a sample"),
            ("no base64", "", "cannot be sent"),
            (b"1234", "audio/webm", "audio/webm cannot be sent"),
            (b"1234", "audio/pcm;rate=44100", "44100 Hz cannot be sent"),
        ):
            with pytest.raises(InvalidRequestError, match=words):
                await session.send_audio(sound, kind)
        await session.send_audio(b"1234", "audio/pcm;rate=16000")
        with pytest.raises(InvalidRequestError, match="hands-free"):
            await session.start_activity()


async def test_what_it_lacks_is_said_at_the_start(live: LiveServer) -> None:
    with pytest.raises(MissingKeyError):
        await GeminiLiveSession(base_url=live.url).start()
    with pytest.raises(InvalidRequestError):
        await GeminiLiveSession(api_key="live-key-0123456789").send_text("Nobody listens")
    with pytest.raises(UnreachableError):
        await GeminiLiveSession(api_key="live-key-0123456789", base_url="https://localhost:1").start()


# Of these only the first is not worth another connection; the others are, but not for ever.
@pytest.mark.parametrize(
    ("code", "kind", "connections"),
    [(1008, RequestError, 1), (1011, ProviderFailureError, 3), (1000, InterruptedStreamError, 3)],
)
async def test_a_session_that_the_server_ends(
    live: LiveServer, code: int, kind: type[AIProxyError], connections: int
) -> None:
    heard: list[Any] = []
    live.closes_with = code
    async with session_with(live, heard, policy=IMPATIENT) as session:
        await session.send_text("Good morning")
        await until(lambda: heard)
        (error,) = heard
        assert isinstance(error, kind)
        with pytest.raises(InvalidRequestError):
            await session.send_text("Are you there?")
    assert len(live.paths) == connections


async def test_a_session_that_broke_goes_on_by_itself(live: LiveServer) -> None:
    heard: list[Any] = []
    live.closes_with = 1011

    def told(change: dict[str, Any]) -> None:
        heard.append(change["state"])
        live.closes_with = None

    async with session_with(live, heard) as session:
        session.on_reconnect = told
        await session.send_text("Good morning")
        await until(lambda: "end" in heard)
    assert heard == ["reconnecting", "reconnected", *ONCE]
    assert len(live.paths) == 2


async def test_a_session_that_broke_can_be_started_again(live: LiveServer) -> None:
    heard: list[Any] = []
    live.closes_with = 1011
    async with session_with(live, heard, policy=IMPATIENT) as session:
        await session.send_text("Good morning")
        await until(lambda: heard)
        live.closes_with = None
        await session.start()
        await session.send_text("Good morning again")
        await until(lambda: "end" in heard)
    assert len(live.paths) == 4


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
    async with session_with(live, heard, policy=IMPATIENT, **more) as session:
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
