"""Whatever happens to the connection, no turn is lost and none is answered twice: on both services."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.live.events import (
    AudioDelta,
    FunctionCall,
    Reconnected,
    Reconnecting,
    SessionEnded,
    TurnDone,
)
from aiproxy_desktop.core.live.policy import LivePolicy
from aiproxy_desktop.core.live.session import LiveSession
from aiproxy_desktop.core.live.values import LiveOptions
from tests.integration.live_parts import MODELS, QUICK, Talk, server_of, service_of, talk
from tests.live_servers import Call
from tests.live_servers.sound import tone
from tests.live_walk import walk

both = pytest.mark.parametrize("kind", ["gemini", "openai"])


def answered_once(one: Talk, texts: list[str]) -> None:
    """Each turn was answered by the service, and none twice; what it knows holds each once, in order."""
    assert [turn.text for turn in one.server.turns if turn.answered] == texts
    known = one.server.connection.conversation
    assert [text for role, text in known if role == "user"] == texts


@both
async def test_fifty_times_the_service_goes_away(kind: str) -> None:
    async with talk(kind, go_away_every=1, go_away=0.05, answer="Answer {n}", length=0.04) as one:
        for number in range(1, 51):
            if number % 2:  # between the turns
                await one.session.send_text(f"Question {number}")
            else:  # amid the turn
                sound = number.to_bytes(2, "little") * 2400
                await one.session.begin_turn()
                await one.session.send_audio(sound[:2000])
                await one.reconnected(number - 1)
                await one.session.send_audio(sound[2000:])
                await one.session.end_turn()
            await one.answered(number)
            if number % 2 == 0:
                await one.reconnected(number)
    turns = one.server.turns
    assert len(turns) == 50
    assert all(turn.answered for turn in turns)
    spoken = [turn.pcm for turn in turns if turn.kind == "speech"]
    assert spoken == [number.to_bytes(2, "little") * 2400 for number in range(2, 51, 2)]
    assert [turn.text for turn in turns if turn.kind == "text"] == [f"Question {n}" for n in range(1, 51, 2)]
    assert one.words == "".join(f"Answer {number}" for number in range(1, 51))
    assert len(one.server.connections) >= 50
    changes = one.of(Reconnected)
    assert not any(change.restarted for change in changes)
    assert all(change.resumed is (kind == "gemini") for change in changes)
    known = one.server.connection.conversation
    assert len([role for role, _ in known if role == "model"]) == 50 or not known


async def test_the_other_connection_stands_before_the_old_one_ends() -> None:
    async with talk("gemini", go_away_every=1, go_away=20.0) as one:
        await one.session.send_text("Question")
        await one.saw(lambda: one.of(Reconnected))
        old, new = one.server.connections
        assert new.ready
        await one.saw(old.closed.is_set)  # from here: no need to wait for the service
        await one.session.send_text("Another")
        await one.answered(2)
    answered_once(one, ["Question", "Another"])


@both
@pytest.mark.parametrize("fault", ["close", "drop"])
async def test_an_answer_that_broke_off_comes_again_from_its_beginning(kind: str, fault: str) -> None:
    sound = tone(0.5, rate=16_000)
    async with talk(kind, answer="Answer {n}", length=1.0) as one:
        await one.session.send_text("First")
        await one.answered(1)
        one.server.behave(fault=fault, times=1)
        await one.speak(sound)
        await one.answered(2)
        one.server.behave(fault="")
        await one.session.send_text("Third")
        await one.answered(3)
    lost, again = one.server.turns[1:3]
    assert lost.pcm == again.pcm == sound
    (change,) = one.of(Reconnected)
    assert change.restarted is (fault == "drop")
    assert change.resumed is (kind == "gemini")
    assert len(one.sound) == 3 * 48_000
    answered_once(one, ["First", "Good morning", "Third"])


@both
async def test_an_answer_that_outlasts_its_connection_finds_the_next_one_ready(kind: str) -> None:
    policy = replace(QUICK, switch_margin=5.0)
    async with talk(kind, policy, answer="Answer {n}", length=1.0, pace=1.0) as one:
        await one.session.send_text("First")
        await one.saw(lambda: one.sound)
        await one.server.go_away(0.3)
        await one.answered(1)
    old, new = one.server.connections
    assert new.ready
    assert old.closed.is_set()
    (change,) = one.of(Reconnected)
    assert change == Reconnected("going_away", resumed=False, restarted=True)
    assert len(one.sound) == 48_000
    answered_once(one, ["First"])


@both
async def test_a_connection_that_is_old_gives_way_between_two_turns(kind: str) -> None:
    async with talk(kind, replace(QUICK, old_share=0.0), answer="Answer {n}") as one:
        for number in range(1, 4):
            await one.session.send_text(f"Question {number}")
            await one.answered(number)
            await one.reconnected(number)
    assert not any(change.restarted for change in one.of(Reconnected))
    known = [text for role, text in one.server.connections[-2].conversation if role == "user"]
    assert known[:3] == [f"Question {number}" for number in range(1, 4)]
    assert one.words == "Answer 1Answer 2Answer 3"


@both
@pytest.mark.parametrize("seed", [12, 49])
async def test_a_random_walk_of_faults_loses_no_turn(kind: str, seed: int) -> None:
    assert await walk(kind, seed, 30) == []


@both
async def test_what_is_said_meanwhile_is_sent_after(kind: str) -> None:
    sound = tone(0.3, rate=16_000)
    async with talk(kind) as one:
        await one.session.send_text("First")
        await one.answered(1)
        await one.session.begin_turn()
        await one.session.send_audio(sound[:3200])
        await one.saw(lambda: one.server.connection.buffer)
        one.server.drop()
        await one.saw(lambda: one.of(Reconnecting))
        await one.session.send_audio(sound[3200:])
        await one.session.end_turn()
        await one.session.send_text("Third")
        await one.answered(2)
        await one.saw(lambda: any(turn.text == "Third" and turn.answered for turn in one.server.turns))
    assert [turn.pcm for turn in one.server.turns if turn.kind == "speech"] == [sound]
    assert [turn.text for turn in one.server.turns].count("Third") == 1


async def test_a_handle_that_is_refused_gives_way_to_the_conversation_as_text() -> None:
    async with talk("gemini", answer="Answer {n}") as one:
        await one.session.send_text("First")
        await one.answered(1)
        await one.speak()
        await one.answered(2)
        one.server.behave(refuse_handles=True)
        one.server.drop()
        await one.saw(lambda: one.of(Reconnected))
        await one.session.send_text("Third")
        await one.answered(3)
    (change,) = one.of(Reconnected)
    assert change == Reconnected("refused_handle", resumed=False, restarted=False)
    assert one.server.connection.conversation == [
        ("user", "First"),
        ("model", "Answer 1"),
        ("user", "Good morning"),
        ("model", "Answer 2"),
        ("user", "Third"),
        ("model", "Answer 3"),
    ]


@both
async def test_a_result_outlives_the_connection_of_its_call(kind: str) -> None:
    call = Call("weather", {"city": "Boston"})
    options = LiveOptions("", functions=())
    async with talk(kind, options=options, calls=(call,), answer="Answer {n}") as one:
        await one.session.send_text("What is the weather?")
        await one.saw(lambda: one.of(FunctionCall))
        one.server.behave(calls=())
        one.server.drop()
        await one.saw(lambda: one.of(Reconnected))
        assert [waiting.id for waiting in one.session.waiting_calls] == [call.id]
        await one.session.send_function_result(call.id, {"sky": "clear"})
        await one.answered(1 if kind == "gemini" else 2)
        await one.saw(lambda: one.server.turns[-1].answered)
    known = one.server.connection.conversation
    assert known[0] == ("user", "What is the weather?")
    assert "weather" in known[1][1]
    assert '{"sky": "clear"}' in known[1][1]
    assert [turn.answered for turn in one.server.turns] == [False, True]


@both
@pytest.mark.parametrize(
    ("fault", "words"),
    [("key", "401"), ("rights", "refused access (403)"), ("model", "model")],
)
async def test_what_no_connection_mends_ends_the_session(kind: str, fault: str, words: str) -> None:
    async with talk(kind) as one:
        await one.session.send_text("First")
        await one.answered(1)
        one.server.behave(fault=fault)
        one.server.drop()
        await one.saw(lambda: one.of(SessionEnded))
    (end,) = one.of(SessionEnded)
    assert one.events[-1] is end
    assert end.error is not None
    assert words in str(end.error)
    with pytest.raises(AIProxyError):
        await one.session.send_text("Second")


@both
async def test_a_service_that_breaks_again_and_again_is_given_up(kind: str) -> None:
    policy = LivePolicy(first_wait=0.01, longest_wait=0.02, breaks=3)
    async with talk(kind, policy, fault="close") as one:
        await one.session.send_text("First")
        await one.saw(lambda: one.of(SessionEnded))
    (end,) = one.of(SessionEnded)
    assert end.error is not None
    assert len(one.server.connections) == 4


@both
async def test_another_voice_needs_another_connection_at_most(kind: str) -> None:
    voices = {"gemini": "Puck", "openai": "marin"}
    async with talk(kind) as one:
        await one.session.send_text("First")
        await one.answered(1)
        old = one.session.options
        await one.session.update(replace(old, voice=voices[kind], instructions="Be brief."))
        await one.saw(lambda: one.of(Reconnected))
        await one.session.send_text("Second")
        await one.answered(2)
    (change,) = one.of(Reconnected)
    assert change == Reconnected("changed", resumed=kind == "gemini", restarted=False)
    assert voices[kind] in str(one.server.connection.setup)
    answered_once(one, ["First", "Second"])


@both
async def test_hands_free_what_was_said_is_heard_after_the_connection_broke(kind: str) -> None:
    rate = 16_000 if kind == "gemini" else 24_000
    speech, silence = tone(0.4, rate=rate), bytes(rate)
    options = LiveOptions("", mode="hands_free")
    async with talk(kind, options=options) as one:
        await one.session.send_audio(speech + silence)
        await one.answered(1)
        await one.session.send_audio(silence + speech[: rate // 4])
        await one.saw(lambda: one.server.connection.speaking)
        one.server.drop()
        await one.saw(lambda: one.of(Reconnecting))
        await one.session.send_audio(speech[rate // 4 :] + silence)
        await one.answered(2)
    first, second = one.server.turns
    assert speech in first.pcm
    assert speech in second.pcm


async def test_a_call_that_nobody_answers_is_answered() -> None:
    policy = replace(QUICK, call_seconds=0.2)
    async with talk("gemini", policy, calls=(Call("weather"),)) as one:
        await one.session.send_text("What is the weather?")
        await one.answered(1)
        await one.session.send_function_result("call-1", {"sky": "clear"})  # too late, and no mistake
    assert "no result in time" in str(one.server.connection.results)


async def test_whoever_does_not_listen_is_not_flooded() -> None:
    async with server_of("gemini", fault="flood") as server:
        policy = replace(QUICK, events=50, ping_seconds=0.2)
        session = LiveSession(service_of("gemini", server.url), LiveOptions(MODELS["gemini"]), policy=policy)
        await session.start()
        await session.send_text("Go on")
        await asyncio.sleep(1.0)
        assert len(server.connections) == 1
        sound = 0
        async for event in session.events():
            if isinstance(event, AudioDelta):
                sound += len(event.data)
            if isinstance(event, TurnDone):
                break
        await session.aclose()
        assert sound == 20_000 * 96
        assert len(server.connections) == 1
