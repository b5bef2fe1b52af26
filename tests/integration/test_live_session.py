"""What a live session does while its connection stands: on both services."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AudioDelta,
    FunctionCall,
    FunctionCallsCancelled,
    Interrupted,
    TurnDone,
)
from aiproxy_desktop.core.live.values import LiveFunction, LiveOptions
from tests.integration.live_parts import server_of, talk, talk_with
from tests.live_servers import Call
from tests.waiting import until

both = pytest.mark.parametrize("kind", ["gemini", "openai"])
WEATHER = LiveOptions("", functions=(LiveFunction("weather", "Tells the weather."),))


@both
async def test_whoever_cuts_in_is_heard_and_the_rest_is_silent(kind: str) -> None:
    async with talk(kind, length=20.0, pace=1.0) as one:
        await one.session.send_text("Tell me a story")
        await one.saw(lambda: len(one.of(AudioDelta)) >= 3)
        (started,) = one.of(AnswerStarted)
        await one.session.cut(started.item, 80)
        one.server.behave(length=0.1, pace=0.0)
        await one.speak()
        await one.answered(2)
    over = [event for event in one.events if isinstance(event, Interrupted | TurnDone | AnswerStarted)]
    assert [type(event) for event in over] == [
        AnswerStarted,
        Interrupted,
        TurnDone,
        AnswerStarted,
        TurnDone,
    ]
    at = one.events.index(over[1])
    until_then = sum(isinstance(event, AudioDelta) for event in one.events[:at])
    assert until_then < 20  # of five hundred
    between = one.events[at : one.events.index(over[3])]
    assert not [event for event in between if isinstance(event, AudioDelta)]
    assert one.server.turns[0].interrupted
    assert one.server.turns[1].answered


@both
async def test_a_call_without_an_answer_holds_nothing_up(kind: str) -> None:
    async with talk(kind, options=WEATHER, calls=(Call("weather", {"city": "Oslo"}),)) as one:
        await one.session.send_text("What is the weather?")
        await one.saw(lambda: one.of(FunctionCall))
        one.server.behave(calls=())
        await one.speak()  # before any result
        await one.saw(lambda: one.server.turns[-1].answered)
        (call,) = one.of(FunctionCall)
        assert (call.name, dict(call.arguments)) == ("weather", {"city": "Oslo"})
        if kind == "gemini":  # which takes the call back when the person cuts in
            assert one.of(FunctionCallsCancelled) == [FunctionCallsCancelled((call.id,))]
            await one.session.send_function_result(call.id, {"sky": "clear"})
            assert one.session.waiting_calls == ()
        else:
            assert one.session.waiting_calls == (call,)
            await one.session.send_function_result(call.id, {"sky": "clear"})
            await one.saw(lambda: one.server.connection.results)
    assert one.server.connection.results == ({} if kind == "gemini" else {call.id: {"sky": "clear"}})


@both
async def test_a_call_and_its_result_and_then_the_answer(kind: str) -> None:
    calls = (Call("weather", {"city": "Oslo"}, "a"), Call("weather", {"city": "Rome"}, "b"))
    async with talk(kind, options=WEATHER, calls=calls) as one:
        await one.session.send_text("What is the weather?")
        await one.saw(lambda: len(one.of(FunctionCall)) == 2)
        await one.session.send_function_result("b", {"sky": "blue"})
        await one.session.send_function_result("a", {"sky": "grey"})
        await one.saw(lambda: one.server.turns[0].answered)
        await one.answered(1 if kind == "gemini" else 2)
    assert one.server.connection.results == {"a": {"sky": "grey"}, "b": {"sky": "blue"}}
    assert len(one.server.turns) == 1


@both
async def test_from_push_to_talk_to_hands_free_and_back(kind: str) -> None:
    async with talk(kind) as one:
        await one.speak()
        await one.answered(1)
        await one.session.update(replace(one.session.options, mode="hands_free"))
        await one.session.send_audio(b"\x10\x20" * one.session.input_rate + bytes(2 * one.session.input_rate))
        await one.answered(2)
        await one.session.end_audio()
        await one.session.send_text("And in writing")
        await one.answered(3)
        await one.session.update(replace(one.session.options, mode="push_to_talk"))
        await one.speak()
        await one.answered(4)
    assert [turn.kind for turn in one.server.turns] == ["speech", "speech", "text", "speech"]
    assert len(one.server.connections) == (3 if kind == "gemini" else 1)


async def test_a_session_that_ends_amid_a_change_leaves_no_connection_behind() -> None:
    async with server_of("gemini") as server:
        for turns in range(6):  # of the loop, from when the other connection stands until the first has gone
            async with talk_with("gemini", server, options=LiveOptions("", voice="Puck")) as one:
                await one.session.update(replace(one.session.options, voice="Kore"))
                wanted = 2 * turns + 2
                while len(server.connections) < wanted or not server.connection.ready:  # noqa: ASYNC110 - each turn counts
                    await asyncio.sleep(0)
                for _ in range(turns):
                    await asyncio.sleep(0)
        await until(lambda: all(connected.closed.is_set() for connected in server.connections))
