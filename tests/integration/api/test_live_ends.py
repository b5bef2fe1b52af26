"""How sessions over `WS /api/gemini/ws` begin, break and end: tokens, refusals, faults, floods, farewells."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.server.rules import Limits
from aiproxy_desktop.services.local_api.names import ModelNames
from aiproxy_desktop.storage.logs import logging_to_file
from aiproxy_desktop.storage.paths import AppPaths
from tests.api_parts import TOKEN
from tests.integration.api.live_client import KEY, PATH, client, live_api
from tests.live_servers import OpenAIRealtime
from tests.waiting import until

SPEECH = b"\x10\x20" * 4800
ALIASES = ModelNames(
    {"talker": "gemini:gemini-3.8-live"}, offered=frozenset({"gemini:gemini-3.8-live", "openai:m"})
)


def shown(token: str) -> list[Subprotocol]:
    """How a page shows a token."""
    return [Subprotocol("aiproxy"), Subprotocol(f"bearer.{token}")]


async def test_the_token_comes_with_the_handshake_or_first_of_all() -> None:
    async with live_api() as (api, service):
        async with client(api, headers={}, subprotocols=shown(TOKEN)) as one:
            assert one.socket.subprotocol == "aiproxy"
            await one.config()
        async with client(api, headers={}) as one:
            await one.config(token=TOKEN, app="first message")
        assert api.log.recent()[-1].client.app == "first message"
        async with client(api, headers={}) as one:
            await one.config(data={"token": TOKEN})
        so_far = len(service.connections)
        async with client(api, headers={}) as one:
            await one.say(type="text", text="Let me in")
            assert await one.end() == 1008
            assert "token" in one.of("error")[0]["data"]
        async with client(api, headers={}) as one:
            await one.say(type="config", token="wrong")
            assert await one.end() == 1008
        with pytest.raises(InvalidStatus):
            async with connect(api.ws_url + PATH, subprotocols=shown("wrong"), proxy=None):
                pass
        assert len(service.connections) == so_far
        assert sum(not entry.error for entry in api.log.recent()) == 3


async def test_a_token_in_the_address_opens_nothing_and_is_written_nowhere(tmp_path: Path) -> None:
    paths = AppPaths.resolve(str(tmp_path), {})
    paths.ensure()
    with logging_to_file(paths, Redactor()):
        async with live_api() as (api, service):
            async with connect(f"{api.ws_url}{PATH}?token={TOKEN}", proxy=None) as socket_:
                await socket_.send('{"type": "config"}')
                await socket_.wait_closed()
                assert socket_.close_code == 1008
            async with client(api) as one:
                await one.config()
            assert len(service.connections) == 1
    assert TOKEN not in paths.log_file.read_text()


async def test_who_shows_no_token_is_not_connected_to_anything() -> None:
    async with live_api(limits=Limits(first_message_seconds=2.0)) as (api, service):
        async with client(api, headers={}) as one:
            assert await one.end() == 1008  # and not before, though nothing more is waited for by then
        assert service.connections == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"model": "gemini:gemini-9-live"}, "The model “gemini:gemini-9-live” is not offered"),
        ({"model": "nobodys-model"}, "No provider"),
        ({"model": "openai:m"}, "“openai:m” holds no live sessions. Choose gemini:gemini-3.8-live."),
        ({"model": 5}, "The field “model” is no text"),
        ({"voice": "Bogus"}, "gemini-3.8-live has no voice “Bogus”. It has Zephyr"),
        ({"language": "tlh"}, "gemini-3.8-live does not take the language “tlh”"),
        ({"mode": "telepathy"}, "“mode” has to be hands_free or push_to_talk"),
        ({"code_execution": True}, "gemini-3.8-live cannot run programs"),
        ({"tools": [{"name": "no name"}]}, "Function 1 has no name that can be used"),
        ({"generation_config": {"temperature": "hot"}}, "“temperature” has to be a number"),
    ],
)
async def test_a_configuration_that_cannot_be(fields: dict[str, object], sentence: str) -> None:
    async with live_api(names=ALIASES) as (api, service), client(api) as one:
        await one.say(type="config", **fields)
        assert await one.end() == 1008
        refused = one.of("error")[0]
        assert refused["data"].startswith(sentence)
        assert refused["fatal"]
        assert refused["error"] == refused["data"]
        await until(lambda: api.log.recent()[-1].seconds is not None)
        assert api.log.recent()[-1].error == refused["data"]
        assert service.connections == []


async def test_a_change_under_way_that_cannot_be_changes_nothing() -> None:
    async with live_api(names=ALIASES) as (api, service), client(api) as one:
        await one.config(model="talker", voice="Puck")
        await one.say(type="config", voice="Bogus")
        assert "no voice" in (await one.until("error"))["data"]
        await one.say(type="config", system_instruction="Be brief.")
        await one.until("config_success", 2)
        await one.say(type="text", text="Hello")
        await one.until("turn_complete")
        update = service.connection.more["updates"][0]
        assert update["systemInstruction"]["parts"] == [{"text": "Be brief."}]
        await one.say(type="config", voice="Kore")
        await one.until("reconnected")
        voice = service.connection.setup["generationConfig"]["speechConfig"]["voiceConfig"]
        assert voice["prebuiltVoiceConfig"]["voiceName"] == "Kore"
    assert service.refusals == []


async def test_a_model_that_holds_no_sessions() -> None:
    async with live_api(fault="model") as (api, _service), client(api) as one:
        await one.say(type="config", data={"model": "gemini-1.5-flash"})  # as the seed's page asks for
        assert await one.end() == 1008
        said = "Gemini holds no live sessions with “gemini-1.5-flash”. Choose gemini-3.8-live"
        assert one.of("error")[0]["data"].startswith(said)


@pytest.mark.parametrize("fault", ["key", "rights", "busy"])
async def test_a_service_that_refuses(fault: str) -> None:
    async with live_api(fault=fault) as (api, _service), client(api) as one:
        await one.say(type="config")
        assert await one.end() == 1011
        assert one.kinds == ["config_success", "error"]
        assert one.of("error")[0]["fatal"]
        assert KEY not in json.dumps(one.messages)
        await until(lambda: api.log.recent()[-1].seconds is not None)
        assert api.log.recent()[-1].status == 1011


async def test_a_connection_that_breaks_is_made_anew() -> None:
    async with live_api(fault="drop", times=1, length=1.0) as (api, service), client(api) as one:
        await one.config()
        await one.say(type="text", text="Hello")
        again = await one.until("reconnected")
        assert (again["restarted"], again["reason"]) == (True, "network")
        await one.until("turn_complete")
        kinds = one.kinds
        answered = [m["type"] for m in one.messages[one.messages.index(again) :]]
        assert answered.count("audio") == 25  # a whole second, from its beginning
        assert kinds.index("reconnecting") < kinds.index("reconnected") < kinds.index("turn_complete")
        assert [turn.text for turn in service.turns] == ["Hello", "Hello"]
        await service.go_away(0.3)
        await one.say(type="text", text="Later")
        await one.until("turn_complete", 2)
        assert service.turns[-1].text == "Later"
        assert not one.of("error")
    assert service.refusals == []


@pytest.mark.parametrize("moment", ["connecting", "idle", "answering", "talking", "half a message"])
async def test_a_client_that_leaves_takes_its_session_along(moment: str) -> None:
    fault = "never_ready" if moment == "connecting" else ""
    async with live_api(fault=fault, pace=1.0, length=60.0) as (api, service), client(api) as one:
        await one.say(type="config", mode="push_to_talk")
        await until(lambda: service.connections and service.connection.setup)
        if moment != "connecting":
            await one.until("system")
        if moment == "answering":
            await one.say(type="text", text="Tell me everything")
            await one.until("audio")
        elif moment == "talking":
            await one.say(type="activity_start")
            await one.sound(SPEECH)
            await until(lambda: service.connection.buffer)
        if moment == "half a message":
            one.socket.transport.write(b"\x81\xfe\x20\x00mask and a little of 8 KiB")
            await asyncio.sleep(0.05)
        if moment in {"talking", "half a message"}:
            one.socket.transport.abort()
        else:
            await one.socket.close(1001)
        await service.connection.closed.wait()
        await until(lambda: api.log.recent()[-1].seconds is not None)
        entry = api.log.recent()[-1]
        assert entry.error == ""
        assert entry.status == (1005 if moment in {"talking", "half a message"} else 1001)


async def test_more_sessions_than_there_is_room_for() -> None:
    async with live_api(limits=Limits(sessions=2)) as (api, service):
        async with client(api) as one, client(api) as other:
            await one.config()
            await other.config()
            async with client(api) as late:
                await late.say(type="config")
                assert await late.end() == 1013
                assert late.of("error")[0]["data"].startswith("Too many live sessions run")
        await until(lambda: all(entry.seconds is not None for entry in api.log.recent()))
        async with client(api) as again:
            await again.config()
        assert len(service.connections) == 3


async def test_without_an_upgrade_it_says_what_is_needed() -> None:
    async with live_api() as (api, _service), api.http() as http:
        answer = await http.get(PATH)
        assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
        assert "ws://" in answer.json()["detail"]


async def test_a_server_that_stops_says_so() -> None:
    async with live_api() as (api, service), client(api) as one:
        await one.config()
        await api.server.stop()
        assert await one.end() == 1012
        await service.connection.closed.wait()


async def test_whoever_sends_without_sense_or_measure() -> None:
    async with live_api(limits=Limits(frame=100_000)) as (api, service):
        async with client(api) as one:
            await one.config()
            for number in range(80):
                await one.socket.send(f"nonsense {number}")
            assert await one.end() == 1008
            assert len(one.of("error")) < 10  # one sentence is not told eighty times
        async with client(api) as one:
            await one.config()
            await one.socket.send(json.dumps({"type": "text", "text": "x" * 200_000}))
            assert await one.end() == 1009
        async with client(api) as one:
            await one.config()
            await one.socket.send("[" * 5000)
            assert await one.end() == 1008
        service.behave(length=0.04)
        async with client(api) as one:
            await one.config()
            for number in range(60):
                await one.say(type="text", text=f"Turn {number}")
            await until(lambda: service.turns and service.turns[-1].text == "Turn 59")
        # A flood of the smallest pieces arrives whole, in pieces that are worth sending.
        async with client(api) as one:
            await one.config(mode="push_to_talk")
            await one.say(type="activity_start")
            for _ in range(3000):
                await one.socket.send(b"\x10\x20\x10")
            await one.say(type="activity_end")
            await one.until("turn_complete")
            pieces = [m for m in service.connection.messages if "audio" in m.get("realtimeInput", {})]
            assert len(service.turns[-1].pcm) == 9000
            assert len(pieces) < 600
    assert service.refusals == []


async def test_who_has_sent_far_more_than_is_taken_is_seen_to_leave_or_refused() -> None:
    words = json.dumps({"type": "text", "text": "Hello"})
    async with live_api(fault="silent") as (api, service):
        async with client(api) as one:
            await one.config()
            for _ in range(5000):  # of which ten are taken each second
                await one.socket.send(words)
            one.socket.transport.abort()
            async with asyncio.timeout(10):
                await service.connection.closed.wait()
        async with client(api) as one:
            await one.config()
            with suppress(ConnectionClosed):
                for _ in range(200):
                    await one.say(type="interrupt", why="x" * 100_000)
            assert await one.end() == 1008
            assert one.of("error")[0]["data"].startswith("Too much was sent at once")
            await service.connection.closed.wait()


async def test_a_message_in_halves() -> None:
    async with live_api() as (api, service), client(api) as one:
        await one.config()
        await one.socket.send(iter(['{"type": "te', 'xt", "text"', ': "Hello"}']))
        await one.until("turn_complete")
        assert service.turns[0].text == "Hello"


async def test_a_client_that_reads_late_hears_no_more_of_what_it_cut_off() -> None:
    sound = base64.b64encode(bytes(48_000)).decode()
    part = {"inlineData": {"mimeType": "audio/pcm;rate=24000", "data": sound}}
    most, sent = 800, 0  # 50 MB, more than all queues hold
    async with live_api(fault="silent") as (api, service):
        narrow = socket.create_connection(("127.0.0.1", api.port))
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32_768)
        more: dict[str, Any] = {"additional_headers": api.headers, "sock": narrow, "max_queue": 1}
        async with connect(api.ws_url + PATH, proxy=None, **more) as late:
            await late.send('{"type": "text", "text": "Tell me everything"}')
            await until(lambda: service.turns)

            async def speak() -> None:
                nonlocal sent
                while sent < most:
                    await service.send({"serverContent": {"modelTurn": {"parts": [part]}}})
                    sent += 1
                await service.send({"serverContent": {"turnComplete": True}})

            speaking = asyncio.create_task(speak())
            before = -1
            while before != sent or sent == 0:  # until all who stand between wait for the client
                before = sent
                await asyncio.sleep(0.5)
            assert sent < most
            await late.send('{"type": "interrupt"}')
            kinds: list[str] = []
            while "turn_complete" not in kinds:
                kinds.append(json.loads(await late.recv())["type"])
            await speaking
            assert 0 < kinds.count("audio") < before
    assert service.refusals == []


async def test_the_same_with_another_service() -> None:
    async with live_api(OpenAIRealtime(fault="drop", times=1, length=1.0)) as (api, service):
        async with client(api) as one:
            told = await one.config()  # as there is no Gemini here
            assert told["model"] == "realtime:gpt-realtime-2.1"
            await one.say(type="text", text="Hello")
            await one.until("reconnected")
            await one.until("turn_complete")
            assert one.words("model").endswith("Hello from loopback")
        offered = frozenset({"realtime:gpt-realtime-2.1-mini"})
        api.names = replace(api.names, aliases={"small": "realtime:gpt-realtime-2.1-mini"}, offered=offered)
        for named in ({}, {"model": "small"}):
            async with client(api) as one:
                assert (await one.config(**named))["model"] == "realtime:gpt-realtime-2.1-mini"
    assert service.refusals == []
