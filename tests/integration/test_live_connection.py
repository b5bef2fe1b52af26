"""A live session's connection: what opens none, what is noticed when one dies, and that no key is told."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import (
    AIProxyError,
    AuthenticationError,
    InvalidRequestError,
    MissingKeyError,
    ProtocolError,
    ProviderTimeoutError,
    UnreachableError,
)
from aiproxy_desktop.core.live import connection
from aiproxy_desktop.core.live.events import AnswerStarted, Reconnected, Reconnecting, SessionEnded
from aiproxy_desktop.core.live.services import GeminiLiveService
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.values import LiveOptions
from tests.integration.live_parts import KEY, MODELS, QUICK, server_of, service_of, talk, talk_with
from tests.seed.services import Authority

both = pytest.mark.parametrize("kind", ["gemini", "openai"])


async def failure_of(kind: str, url: str) -> AIProxyError:
    """What it means that a session cannot be started; it tells no key, and holds nothing that does."""
    policy = replace(QUICK, open_seconds=1.0)
    session = LiveSession(service_of(kind, url), LiveOptions(MODELS[kind]), policy=policy)
    with pytest.raises(AIProxyError) as caught:
        await session.start()
    await session.aclose()
    error: BaseException | None = caught.value
    while error is not None:
        assert KEY not in f"{error!r} {error} {vars(error)}"
        error = error.__cause__ or error.__context__
    return caught.value


@both
@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        ("key", AuthenticationError, "key"),
        ("rights", AuthenticationError, "rights"),
        ("never_ready", ProviderTimeoutError, "took too long"),
    ],
)
async def test_a_service_that_refuses(kind: str, fault: str, error: type[AIProxyError], words: str) -> None:
    async with server_of(kind, fault=fault) as server:
        failed = await failure_of(kind, server.url)
    assert isinstance(failed, error)
    assert words in str(failed)


@asynccontextmanager
async def answering(answer: bytes) -> AsyncIterator[str]:
    """Something that says the same to everyone."""

    async def reply(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(reply, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", ProtocolError, "What answers is not Gemini"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", ProtocolError, "What answers is not Gemini"),
        (b"", UnreachableError, "closed the connection"),
    ],
)
async def test_what_is_no_live_service(answer: bytes, error: type[AIProxyError], words: str) -> None:
    async with answering(answer) as url:
        failed = await failure_of("gemini", url)
    assert isinstance(failed, error)
    assert words in str(failed)


async def test_a_refusal_that_repeats_the_key_is_told_without_it() -> None:
    body = f'{{"error": {{"code": 400, "message": "API key {KEY} is not valid here."}}}}'.encode()
    head = (
        f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    async with answering(head.encode() + body) as url:
        failed = await failure_of("gemini", url)
    assert "[redacted]" in str(failed) + repr(vars(failed))


async def test_what_cannot_be_reached(tmp_path: Path) -> None:
    assert "Nothing listens" in str(await failure_of("gemini", "http://127.0.0.1:1"))
    authority = Authority.make(tmp_path)  # which nobody has told us to trust
    async with server_of("gemini", tls=authority.context()) as server:
        failed = await failure_of("gemini", server.url)
    assert "its certificate or protocol is not accepted" in str(failed)
    session = LiveSession(GeminiLiveService(StaticCredentials({})), LiveOptions(MODELS["gemini"]))
    with pytest.raises(MissingKeyError):
        await session.start()
    await session.aclose()


async def test_the_certificate_file_that_is_named_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.certificate))
    async with talk("gemini", tls=authority.context()) as one:
        await one.session.send_text("Good morning")
        await one.answered(1)


@both
async def test_no_log_tells_the_key(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with talk(kind) as one:
            await one.session.send_text("Good morning")
            await one.answered(1)
            assert KEY not in repr(one.session)
    assert KEY in str(one.server.connection.headers)
    told = [record for record in caplog.records if not record.name.startswith("tests.")]
    assert not [record for record in told if KEY in record.getMessage()]


@dataclass
class Relay:
    """A network between; frozen, it swallows whatever is sent over the connections there are."""

    port: int
    frozen: set[int] = field(default_factory=set)
    opened: int = 0

    def freeze(self) -> None:
        """As when a cable is pulled."""
        self.frozen = set(range(self.opened + 1))

    async def pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        number = self.opened

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with suppress(OSError):
                while data := await source.read(65_536):
                    if number not in self.frozen:
                        sink.write(data)
            sink.close()

        await asyncio.gather(pump(reader, back), pump(there, writer))


@asynccontextmanager
async def relay_to(url: str) -> AsyncIterator[tuple[Relay, str]]:
    relay = Relay(int(url.rpartition(":")[2]))
    server = await asyncio.start_server(relay.pass_on, "127.0.0.1", 0)
    async with server:
        yield relay, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@both
@pytest.mark.parametrize("sleep", [False, True], ids=["a dead network", "a machine that slept"])
async def test_a_connection_that_is_dead_is_noticed(
    kind: str, sleep: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    slept = [0.0]
    clock = SimpleNamespace(monotonic=time.monotonic, time=lambda: time.time() + slept[0])
    monkeypatch.setattr(connection, "time", clock)
    monkeypatch.setattr(connection, "_PROBE_SECONDS", 0.2)
    policy = replace(QUICK, ping_seconds=60.0 if sleep else 0.2)
    async with (
        server_of(kind) as server,
        relay_to(server.url) as (relay, url),
        talk_with(kind, server, policy, url=url) as one,
    ):
        await one.session.send_text("First")
        await one.answered(1)
        relay.freeze()
        slept[0] = 3600.0
        await one.session.send_text("Second")
        await one.answered(2)
        assert [change.reason for change in one.of(Reconnecting)] == ["network"]
    assert [turn.text for turn in server.turns] == ["First", "Second"]


async def test_closing_takes_a_moment_whatever_the_network_does() -> None:
    async with server_of("gemini") as server, relay_to(server.url) as (relay, url):
        async with talk_with("gemini", server, url=url) as one:
            relay.freeze()
            async with asyncio.timeout(10):
                await one.session.aclose()
            await one.session.aclose()
            with pytest.raises(InvalidRequestError):
                await one.session.send_text("Are you there?")
        assert one.events[-1] == SessionEnded(None)


@both
@pytest.mark.parametrize("fault", ["garbage", "huge"])
async def test_a_message_that_is_none_costs_a_connection_and_no_turn(kind: str, fault: str) -> None:
    async with talk(kind, fault=fault, times=1) as one:
        await one.session.send_text("First")
        await one.saw(lambda: one.answers)
    assert [turn.text for turn in one.server.turns] == ["First", "First"]
    assert one.of(Reconnected)


@both
async def test_half_a_sample_is_carried_over(kind: str) -> None:
    async with talk(kind, length=0.5) as one:
        await one.session.send_text("First")
        await one.answered(1)
        whole = one.sound
        one.server.behave(fault="half")
        await one.session.send_text("Second")
        await one.answered(2)
    assert one.sound == whole * 2


@both
@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda session: session.send_audio(b"123"), "ends within a sample"),
        (lambda session: session.send_audio(b"1234", 44_100), "44100 Hz"),
        (lambda session: session.send_audio(b"1234"), "No turn has begun"),
        (lambda session: session.send_text(" "), "nothing to send"),
        (lambda session: session.send_function_result("none", {}), "No function call waits"),
        (lambda session: session.start(), "started before"),
    ],
)
async def test_bad_input_is_one_sentence_and_the_session_lives(
    kind: str, act: Callable[[LiveSession], Awaitable[None]], words: str
) -> None:
    async with talk(kind) as one:
        with pytest.raises(InvalidRequestError, match=words):
            await act(one.session)
        await one.session.end_turn()  # which never began
        await one.session.begin_turn()
        await one.session.end_turn()  # a press too short
        await one.session.send_text("Good morning")
        await one.saw(lambda: one.of(AnswerStarted))
        await one.saw(lambda: one.server.turns[-1].answered)


def test_no_certificate_store_is_no_reason_to_trust_anyone() -> None:
    assert connection._trust().verify_mode is ssl.CERT_REQUIRED
