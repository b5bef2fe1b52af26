"""Both codecs against services that speak to them: what one does, the other does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    ModelNotFoundError,
    ProtocolError,
    ProviderFailureError,
    RequestError,
)
from aiproxy_desktop.core.live.codec import LiveService
from aiproxy_desktop.core.live.events import (
    AnswerStarted,
    AnswerText,
    AudioDelta,
    CodeRun,
    FunctionCall,
    FunctionCallsCancelled,
    GenerationDone,
    GoingAway,
    HandleReceived,
    InputTranscript,
    Interrupted,
    LiveUsage,
    SearchMade,
    ServiceFailed,
    SessionReady,
    Source,
    SpeechStarted,
    TurnDone,
    UsageReported,
)
from aiproxy_desktop.core.live.services import GeminiLiveService, OpenAIRealtimeService
from aiproxy_desktop.core.live.values import LiveFunction, LiveOptions, SpokenTurn
from tests.live_servers import Call, GeminiLive, LiveServer, OpenAIRealtime
from tests.live_servers.sound import resampled, tone
from tests.live_servers.talking import Talk, talk
from tests.waiting import until

ANSWER = "Hello from loopback"
WEATHER = LiveFunction(
    "weather",
    "What the sky does.",
    {"type": "object", "properties": {"home_town": {"type": "string"}}, "required": ["home_town"]},
)


@dataclass
class Side:
    """A service, and how it is talked with."""

    server: LiveServer
    service: LiveService
    options: LiveOptions

    def talk(self, handle: str | None = None, **changed: Any) -> AbstractAsyncContextManager[Talk]:
        history = changed.pop("history", False)
        return talk(self.service, replace(self.options, **changed), handle, history=history)

    def speech(self, seconds: float = 0.4) -> bytes:
        return tone(seconds, 300.0, self.server.input_rate)

    def silence(self, seconds: float = 0.4) -> bytes:
        return bytes(int(seconds * self.server.input_rate) * 2)

    @property
    def is_gemini(self) -> bool:
        return isinstance(self.server, GeminiLive)


@pytest.fixture(params=["gemini", "openai"])
async def side(request: pytest.FixtureRequest) -> AsyncIterator[Side]:
    keys = StaticCredentials({"gemini": "live-key-0123456789", "openai": "live-key-0123456789"})
    if request.param == "gemini":
        async with GeminiLive() as gemini:
            yield Side(gemini, GeminiLiveService(keys, gemini.url), LiveOptions("gemini-3.8-live"))
    else:
        async with OpenAIRealtime() as openai:
            service = OpenAIRealtimeService(keys, f"{openai.url}/v1")
            yield Side(openai, service, LiveOptions("gpt-realtime-2.1"))


def assert_whole(turn: list[Any]) -> None:
    """A turn of the model that ended by itself, in its order."""
    kinds = [type(event) for event in turn if not isinstance(event, InputTranscript | HandleReceived)]
    assert kinds[0] is AnswerStarted
    assert kinds.count(AnswerStarted) == kinds.count(GenerationDone) == kinds.count(TurnDone) == 1
    assert kinds[-1] is TurnDone
    assert AudioDelta not in kinds[kinds.index(GenerationDone) :]


async def test_a_turn_in_writing_and_a_spoken_one(side: Side) -> None:
    side.server.behave(echo=True)
    speech = side.speech()
    async with side.talk(voice="Kore" if side.is_gemini else "marin", language="en-US") as one:
        await one.send(one.codec.text("Good evening"))
        await one.turns(1)
        assert one.words == ANSWER
        written = one.events[1:]
        one.events.clear()
        await one.press(speech)
        await one.turns(1)
        heard = "".join(event.text for event in one.all(InputTranscript))
    assert_whole(written)
    assert_whole(one.events)
    assert [type(event) for event in written[:1]] in ([AnswerStarted], [HandleReceived])
    assert one.sound == resampled(speech, side.server.input_rate)
    assert heard == "Good morning"
    assert [(turn.kind, turn.text) for turn in side.server.turns] == [
        ("text", "Good evening"),
        ("speech", "Good morning"),
    ]
    assert side.server.turns[1].pcm == speech
    assert not side.server.refusals
    (usage,) = [event.usage for event in one.all(UsageReported)]
    expected = LiveUsage(10, 25, 5, 20, 8, None, 60)
    if side.is_gemini:
        expected = LiveUsage(10, 25, 5, 25, None, 5, 65)
    assert usage == expected
    header = side.server.connection.headers["x-goog-api-key" if side.is_gemini else "authorization"]
    assert "live-key-0123456789" in header
    assert "key" not in side.server.connection.path


@pytest.mark.parametrize("order", ["before", "after", "late", "none"])
async def test_transcripts_come_in_any_order(side: Side, order: str) -> None:
    side.server.behave(transcripts=order)
    async with side.talk() as one:
        for number in (1, 2):
            await one.press(side.speech())
            await one.turns(number)
            await until(lambda: order == "none" or one.words == ANSWER * number)  # noqa: B023 - awaited here
        assert len(one.all(AnswerStarted)) == len(one.all(TurnDone)) == 2
    assert not side.server.refusals


async def test_an_answer_in_writing(side: Side) -> None:
    side.server.behave(written=True)
    async with side.talk(modality="text") as one:
        await one.send(one.codec.text("Write to me"))
        await one.turns(1)
    assert "".join(event.text for event in one.all(AnswerText)) == ANSWER
    assert not one.sound


async def test_a_very_short_press_ends_without_an_error(side: Side) -> None:
    async with side.talk() as one:
        for number, seconds in enumerate((0.0, 0.04), start=1):
            await one.press(side.speech(seconds))
            await one.turns(number)
        await one.press(side.speech())
        await one.turns(3)
        assert one.words.endswith(ANSWER)
        assert not one.all(ServiceFailed)
    assert not side.server.refusals


async def test_a_new_press_cuts_the_answer_off(side: Side) -> None:
    side.server.behave(length=5.0, pace=1.0)
    async with side.talk() as one:
        await one.press(side.speech())
        await one.come(AudioDelta, 3)
        item = one.all(AudioDelta)[0].item
        await one.send(one.codec.cut(item, 50))
        cut_at = len(one.events)
        await one.send(one.codec.begin_turn())
        await one.turns(1)
        after = one.events[cut_at:]
        assert [type(event) for event in after if type(event) in {Interrupted, TurnDone}] == [
            Interrupted,
            TurnDone,
        ]
        assert not any(isinstance(event, AudioDelta) for event in after[after.index(Interrupted()) :])
        side.server.behave(length=0.1, pace=0.0)
        await one.say(side.speech())
        await one.send(one.codec.end_turn())
        await one.turns(2)
    assert_whole(one.events[one.events.index(one.all(TurnDone)[0]) + 1 :])
    assert [turn.interrupted for turn in side.server.turns] == [True, False]
    assert not side.server.refusals
    if not side.is_gemini:
        assert side.server.connection.more["truncated"] == [(item, 50)]


async def test_the_answer_is_stopped(side: Side) -> None:
    side.server.behave(length=1.0, pace=4.0)
    async with side.talk() as one:
        await one.send(one.codec.text("Talk to me"))
        await one.come(AudioDelta)
        received = len(one.sound)
        await one.send(one.codec.cut(one.all(AudioDelta)[0].item, 60_000))  # more than there can be
        await one.turns(1)
        assert len(one.sound) == received
        assert len(one.all(Interrupted)) == 1
        assert not one.all(GenerationDone)
        await one.send(one.codec.cut(one.all(AudioDelta)[0].item, 60_000))  # and once more, to nothing
        await one.send(one.codec.text("Go on"))
        await one.turns(2)
    assert [turn.text for turn in side.server.turns] == ["Talk to me", "Go on"]
    assert not side.server.refusals


async def test_what_is_written_amid_an_answer_is_answered(side: Side) -> None:
    side.server.behave(length=2.0, pace=1.0)
    async with side.talk() as one:
        await one.send(one.codec.text("One"))
        await one.come(AudioDelta)
        side.server.behave(length=0.1, pace=0.0)
        await one.send(one.codec.text("Two"))
        await one.turns(2)
        await one.send(one.codec.text("Three"))
        await one.send(one.codec.text("Four"))  # before the answer has even begun
        await until(lambda: side.server.turns[-1].text == "Four" and side.server.turns[-1].answered)
    assert side.server.turns[0].interrupted
    assert not side.server.refusals


async def test_hands_free_the_service_hears_who_speaks(side: Side) -> None:
    side.server.behave(length=3.0, pace=1.0)
    async with side.talk(mode="hands_free") as one:
        await one.say(side.silence() + side.speech() + side.silence())
        await one.come(AudioDelta, 2)
        await one.say(side.speech())  # into the answer
        await one.come(Interrupted)
        await one.turns(1)
        assert one.events.index(Interrupted()) < one.events.index(one.all(TurnDone)[0])
        side.server.behave(length=0.1, pace=0.0)
        await one.say(side.silence())
        await one.turns(2)
        await one.say(side.speech())
        await one.send(one.codec.end_audio())  # muted amid a sentence
        await one.turns(3)
        await one.send(one.codec.text("And in writing"))
        await one.turns(4)
    assert [turn.kind for turn in side.server.turns] == ["speech", "speech", "speech", "text"]
    assert side.is_gemini or len(one.all(SpeechStarted)) == 3
    assert not side.server.refusals


async def test_functions_are_called_and_answered(side: Side) -> None:
    first, second = Call("weather", {"home_town": "Boston"}), Call("weather", {"home_town": "Rome"}, "call-2")
    side.server.behave(calls=(first, second))
    async with side.talk(functions=(WEATHER,)) as one:
        await one.send(one.codec.text("How is the weather?"))
        await one.come(FunctionCall, 2)
        calls = one.all(FunctionCall)
        assert calls == [FunctionCall(call.id, call.name, call.args) for call in (first, second)]
        await one.send(one.codec.function_result("call-2", "weather", {"sky": "clear"}))
        await one.send(one.codec.function_result("call-1", "weather", {"sky": "grey"}))
        await until(lambda: one.words == ANSWER)
        await until(lambda: side.server.turns[0].answered)
        await one.come(GenerationDone)
    assert side.server.connection.results == {"call-1": {"sky": "grey"}, "call-2": {"sky": "clear"}}
    assert len(side.server.turns) == 1
    assert not side.server.refusals


async def test_a_call_without_an_answer_blocks_nothing(side: Side) -> None:
    side.server.behave(calls=(Call("weather", {"home_town": "Boston"}),))
    async with side.talk(functions=(WEATHER,)) as one:
        await one.send(one.codec.text("How is the weather?"))
        await one.come(FunctionCall)
        side.server.behave(calls=())
        await one.send(one.codec.text("Never mind"))
        await until(lambda: side.server.turns[-1].answered)
        await until(lambda: one.words == ANSWER)
    assert one.all(FunctionCallsCancelled) == (
        [FunctionCallsCancelled(("call-1",))] if side.is_gemini else []
    )
    assert not side.server.refusals


async def test_what_was_said_before_is_told_anew(side: Side) -> None:
    said = [SpokenTurn("user", "My name is Ada"), SpokenTurn("model", "Good morning, Ada")]
    async with side.talk(history=True) as one:
        await one.send(one.codec.history(said))
        await one.send(one.codec.text("What is my name?"))
        await one.turns(1)
        assert len(one.all(AnswerStarted)) == 1
    told = [(turn.role, turn.text) for turn in said]
    asked = [("user", "What is my name?"), ("model", ANSWER)]
    assert side.server.connection.conversation == [*told, *asked]
    assert [turn.text for turn in side.server.turns] == ["What is my name?"]
    assert not side.server.refusals


async def test_the_session_is_changed_under_way(side: Side) -> None:
    async with side.talk(instructions="Be brief.") as one:
        await one.send(one.codec.text("Hello"))
        await one.turns(1)
        options = replace(side.options, instructions="Be kind.", functions=(WEATHER,))
        await one.send(one.codec.update(options))
        assert one.codec.update(options) == ()
        assert one.codec.update(replace(options, model="another")) is None
        assert one.codec.update(replace(options, voice="cedar")) is None  # it has spoken
        await one.send(one.codec.text("And now?"))
        await one.turns(2)
    if side.is_gemini:
        (changed,) = side.server.connection.more["updates"]
        assert changed["systemInstruction"]["parts"] == [{"text": "Be kind."}]
        schema = changed["tools"]["tools"][0]["functionDeclarations"][0]["parametersJsonSchema"]
        assert schema == WEATHER.parameters
    else:
        assert side.server.connection.setup["instructions"] == "Be kind."
        assert side.server.connection.setup["tools"][0]["parameters"] == WEATHER.parameters
    assert not side.server.refusals


async def test_sound_in_halves_of_samples_comes_whole(side: Side) -> None:
    side.server.behave(fault="half", length=0.2)
    async with side.talk() as one:
        await one.send(one.codec.begin_turn())
        await one.say(side.speech(), chunk=333)  # and the person's, too
        await one.send(one.codec.end_turn())
        await one.turns(1)
    assert one.sound == tone(0.2)
    assert all(len(event.data) % 2 == 0 for event in one.all(AudioDelta))
    assert side.server.turns[0].pcm == side.speech()
    assert not side.server.refusals


@pytest.mark.parametrize(
    ("fault", "kind"), [("close", ProviderFailureError), ("drop", InterruptedStreamError)]
)
async def test_a_connection_that_ends(side: Side, fault: str, kind: type[AIProxyError]) -> None:
    side.server.behave(fault=fault)
    async with side.talk() as one:
        await one.send(one.codec.text("Hello"))
        await until(lambda: one.error is not None)
    assert isinstance(one.error, kind)
    assert one.error.provider == side.service.provider
    assert one.error.retryable


async def test_a_model_that_is_gone(side: Side) -> None:
    side.server.behave(fault="model")
    async with side.talk(model="a-model-of-old") as one:
        await until(lambda: one.error is not None)
    assert isinstance(one.error, ModelNotFoundError)
    assert not one.all(SessionReady)


async def test_a_service_that_speaks_something_else(side: Side) -> None:
    side.server.behave(fault="garbage")
    async with side.talk() as one:
        await one.send(one.codec.text("Hello"))
        await until(lambda: one.error is not None)
    assert isinstance(one.error, ProtocolError)


@pytest.mark.parametrize("fault", ["failed", "refused", "cut_short"])
async def test_an_answer_that_ends_early_says_why(side: Side, fault: str) -> None:
    side.server.behave(fault=fault, times=1)
    async with side.talk() as one:
        await one.send(one.codec.text("Hello"))
        await until(lambda: bool(one.all(TurnDone)) or one.error is not None)
        if side.is_gemini and fault == "failed":
            assert isinstance(one.error, ProviderFailureError)  # it has no other way to say so
            return
        assert one.all(TurnDone)[0].reason
        assert bool(one.all(ServiceFailed)) == (fault == "failed")
        await one.send(one.codec.text("Once more"))
        await one.turns(2)
    assert one.all(TurnDone)[1].reason == ""


async def test_it_says_that_it_is_going(side: Side) -> None:
    async with side.talk() as one:
        await side.server.go_away(0.25)
        await one.come(GoingAway)
        await until(lambda: one.error is not None)
    assert one.all(GoingAway) == [GoingAway(0.25 if side.is_gemini else 0.0)]
    assert not one.all(ServiceFailed)
    assert isinstance(one.error, InterruptedStreamError)


@pytest.mark.parametrize(
    "lacking", [("gpt-transcribe",), ("gpt-transcribe", "gpt-4o-transcribe", "whisper-1")]
)
async def test_openai_lacks_what_writes_down(lacking: tuple[str, ...]) -> None:
    keys = StaticCredentials({"openai": "live-key-0123456789"})
    async with OpenAIRealtime(no_transcribers=lacking) as server:
        service = OpenAIRealtimeService(keys, f"{server.url}/v1")
        async with talk(service, LiveOptions("gpt-realtime-2.1")) as one:
            await one.come(SessionReady)
            await one.send(one.codec.text("Hello"))
            await one.turns(1)
    writer = server.connection.setup["audio"]["input"]["transcription"]
    assert writer == ({"model": "gpt-4o-transcribe"} if len(lacking) == 1 else None)
    assert not one.all(ServiceFailed)


class TestGemini:
    """What only Gemini has."""

    @pytest.fixture
    async def gemini(self) -> AsyncIterator[Side]:
        keys = StaticCredentials({"gemini": "live-key-0123456789"})
        async with GeminiLive() as server:
            yield Side(server, GeminiLiveService(keys, f"{server.url}/v1"), LiveOptions("gemini-3.8-live"))

    async def test_a_session_is_taken_up_by_its_handle(self, gemini: Side) -> None:
        async with gemini.talk() as one:
            await one.send(one.codec.text("My name is Ada"))
            await until(lambda: any(event.handle for event in one.all(HandleReceived)))
            handle = one.all(HandleReceived)[-1].handle
        async with gemini.talk(handle) as two:
            await two.send(two.codec.text("What is my name?"))
            await two.turns(1)
        assert gemini.server.connection.conversation[:2] == [("user", "My name is Ada"), ("model", ANSWER)]
        gemini.server.behave(refuse_handles=True)
        async with gemini.talk(handle) as three:
            await until(lambda: three.error is not None)
        assert isinstance(three.error, RequestError)
        assert not three.error.retryable
        assert ".v1." in gemini.server.connection.path
        assert not gemini.server.refusals

    async def test_an_answer_may_come_long_after_its_call(self, gemini: Side) -> None:
        gemini.server.behave(calls=(Call("weather", {"home_town": "Boston"}),), calls_wait=False)
        async with gemini.talk(functions=(WEATHER,)) as one:
            await one.send(one.codec.text("How is the weather?"))
            await one.turns(1)
            assert one.all(FunctionCall)
            await one.send(one.codec.function_result("call-1", "weather", {"sky": "clear"}))
            await one.turns(2)
        assert_whole(one.events[one.events.index(one.all(TurnDone)[0]) + 1 :])
        assert not gemini.server.refusals

    async def test_searches_and_programs_are_told(self, gemini: Side) -> None:
        gemini.server.behave(search=True, program=True)
        async with gemini.talk(google_search=True, code_execution=True) as one:
            await one.send(one.codec.text("How is the weather?"))
            await one.turns(1)
        page = Source("Weather", "https://example.org/weather")
        assert one.all(SearchMade) == [SearchMade(("How is the weather?",), (page,))]
        assert one.all(CodeRun) == [CodeRun(code="print(6 * 7)"), CodeRun(output="42\n")]
        # This model is known to run no programs: it was not asked to.
        assert gemini.server.connection.setup["tools"] == [{"googleSearch": {}}]
