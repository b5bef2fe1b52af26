"""A voice session from the press to the kept conversation, over live services on loopback."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from aiproxy_desktop.services.sending import history
from aiproxy_desktop.storage.records import StoredMessage
from tests.live_servers import Call, GeminiLive, LiveServer, OpenAIRealtime
from tests.voice_room import VoiceRoom, voice_room
from tests.waiting import until

LONG = "One two three four five six seven eight nine ten"


@pytest.fixture(params=[GeminiLive, OpenAIRealtime], ids=["gemini", "openai"])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[LiveServer]:
    async with request.param() as running:
        yield running
        assert not running.refusals


@pytest.fixture
async def room(server: LiveServer, tmp_path: Path) -> AsyncIterator[VoiceRoom]:
    async with voice_room(server, tmp_path) as made:
        yield made


async def test_a_turn_is_heard_answered_counted_and_kept(server: LiveServer, room: VoiceRoom) -> None:
    # Pressed before there is a connection: nothing of what is said is lost.
    room.voice.start(room.settings(), room.offer)
    await room.speak(0.4)
    await room.answered()

    assert room.said == [("user", "Good morning", "done"), ("model", "Hello from loopback", "done")]
    assert len(server.turns) == 1
    # The chunk after the release is sent too, and the ramp to silence.
    seconds = len(server.turns[0].pcm) / 2 / server.input_rate
    assert 0.42 <= seconds <= 0.44
    room.voice.end()
    await room.in_phase("ended")
    figures = room.voice.figures
    assert (figures.you_spoke, figures.model_spoke) == pytest.approx((0.42, 0.2), abs=0.021)
    assert figures.tokens
    assert figures.cost

    await room.voice.close()
    (conversation,) = room.conversations.values()
    assert conversation.title == "Good morning" == room.voice.state.title
    assert conversation.id == room.voice.state.conversation_id
    question, answer = await room.store.thread(conversation.id)
    assert (question.text, answer.text) == ("Good morning", "Hello from loopback")
    assert (answer.model, answer.cost) == (room.offer.reference, figures.cost)


async def test_it_is_kept_while_it_grows(tmp_path: Path) -> None:
    async with GeminiLive(answer="The tide is low") as server, voice_room(server, tmp_path) as room:
        await room.begin()
        await room.speak()
        await room.answered()
        await until(lambda: room.conversations)
        (conversation,) = room.conversations.values()
        thread: tuple[StoredMessage, ...] = ()
        while not thread or thread[-1].status != "complete":
            thread = await room.store.thread(conversation.id)
        # The next question is there before its answer is.
        server.behave(delay=0.5, heard="And then?")
        room.voice.say("And at noon?")
        while len(thread) < 4:
            thread = await room.store.thread(conversation.id)
        assert [(one.text, one.status) for one in thread] == [
            ("Good morning", "complete"),
            ("The tide is low", "complete"),
            ("And at noon?", "complete"),
            ("", "streaming"),
        ]
        await room.answered(2)
        # Thrown away meanwhile, it goes on in a new one.
        await room.store.delete(conversation.id)
        await room.store.purge()
        room.voice.say("Still there?")
        await room.answered(3)
        await room.voice.close()
        (rest,) = await room.store.page()
        assert [one.text for one in await room.store.thread(rest.id)][-2:] == [
            "Still there?",
            "The tide is low",
        ]
        assert len(await history(await room.store.thread(rest.id))) == 2


async def test_who_cuts_in_hears_silence_and_the_service_knows(server: LiveServer, room: VoiceRoom) -> None:
    server.behave(answer=LONG, length=5.0)
    await room.begin()
    await room.speak()
    await until(lambda: room.speaker.waiting_ms > 4_000)
    room.speaker.move(2_500)
    flushes = room.speaker.flushes
    room.voice.press()
    await until(lambda: room.speaker.flushes > flushes)
    room.microphone.hear(0.1)
    server.behave(answer="Well then", length=0.2)
    room.voice.release()
    room.microphone.hear(0.02)
    await room.answered(2)

    cut = next(one for one in room.turns if one.role == "model")
    assert (cut.text, cut.status) == (LONG, "cut")
    assert "four" in cut.text[: cut.heard]
    assert "seven" in cut.text[cut.heard :]
    assert cut.seconds == pytest.approx(2.5, abs=0.01)
    assert room.said[-1] == ("model", "Well then", "done")
    if isinstance(server, OpenAIRealtime):
        truncated = [one for one in server.messages if one["type"] == "conversation.item.truncate"]
        assert [one["audio_end_ms"] for one in truncated] == [2_500]

    room.voice.end()
    await room.in_phase("ended")
    await room.voice.close()
    (conversation,) = room.conversations.values()
    thread = await room.store.thread(conversation.id)
    assert thread[1].text == LONG
    assert any("You cut in after 0:02" in note and "were not played" in note for note in thread[1].notes)


async def test_functions_run_after_consent_and_never_hold_anything_up(
    server: LiveServer, room: VoiceRoom
) -> None:
    server.behave(calls=(Call("calculate", {"expression": "6 * 7"}),))
    await room.begin(functions=("calculate",), declarations='[{"name": "open_door"}]')
    room.voice.say("What is six times seven?")
    await until(lambda: [one.status for one in room.calls] == ["asking"])
    assert '"6 * 7"' in room.calls[0].arguments
    room.voice.allow("call-1", always=True)
    await room.answered()
    assert [(one.status, '"value": 42' in one.result) for one in room.calls] == [("done", True)]

    # From now on it runs unasked; what the person declared waits for the person, and can be refused.
    server.behave(calls=(Call("calculate", {"expression": "1/0"}, "call-2"), Call("open_door", {}, "call-3")))
    room.voice.say("And now?")
    await until(lambda: [one.status for one in room.calls[1:]] == ["failed", "waiting"])
    assert "divides by zero" in room.calls[1].result
    room.voice.deny("call-3")
    await room.answered(2)
    assert [one.status for one in room.calls] == ["done", "failed", "denied"]

    # Cutting in takes back a call that nobody answers.
    server.behave(calls=(Call("open_door", {}, "call-4"),))
    room.voice.say("Once more.")
    await until(lambda: [one.status for one in room.calls[3:]] == ["waiting"])
    server.behave(calls=())
    room.voice.say("Never mind.")
    await room.answered(3)
    room.voice.end()
    await room.in_phase("ended")
    assert room.calls[3].status == "cancelled"

    await room.voice.close()
    (conversation,) = room.conversations.values()
    answer = (await room.store.thread(conversation.id))[1]
    kinds = [type(part).__name__ for part in answer.parts]
    assert kinds[:2] == ["ToolCallPart", "ToolResultPart"]


async def test_a_connection_that_ends_is_a_quiet_line(server: LiveServer, room: VoiceRoom) -> None:
    await room.begin()
    await room.speak()
    await room.answered()
    server.drop()
    await until(lambda: room.remarks)
    await room.in_phase("ready")
    await room.speak()
    await room.answered(2)
    assert [one.kind for one in room.remarks] == ["reconnected"]
    assert room.voice.state.reconnected_at is not None
    assert [one.role for one in room.turns] == ["user", "model", "user", "model"]
    assert room.voice.state.error is None


async def test_an_answer_that_broke_off_comes_once(server: LiveServer, room: VoiceRoom) -> None:
    server.behave(fault="drop", times=1, length=1.0)
    await room.begin()
    await room.speak()
    await room.answered()
    assert [one.kind for one in room.remarks] in (["restarted"], ["reconnected"])
    assert room.said == [("user", "Good morning", "done"), ("model", "Hello from loopback", "done")]
    room.voice.end()
    await room.in_phase("ended")
    # What had come of it before the break is not counted, and not heard twice.
    assert room.voice.figures.model_spoke == pytest.approx(1.0, abs=0.01)


async def test_a_press_before_the_answer_has_begun(server: LiveServer, room: VoiceRoom) -> None:
    server.behave(delay=0.5, heard="Well, {first}")
    await room.begin()
    await room.speak()
    await until(lambda: len(server.turns) == 1)
    await room.speak()
    await room.answered()
    assert not room.remarks
    assert [one.status for one in room.turns if one.role == "model"] == ["done"]
    assert server.turns[1].answered
    await until(lambda: all(one.text.startswith("Well, ") for one in room.turns if one.role == "user"))


async def test_hands_free_the_service_hears_when_one_speaks(server: LiveServer, room: VoiceRoom) -> None:
    server.behave(answer=LONG, length=5.0, pace=2.0)
    await room.begin(mode="hands_free")
    room.microphone.hear(0.3)
    room.microphone.quiet(0.5)
    await until(lambda: room.speaker.waiting_ms > 2_000)
    room.speaker.move(1_000)
    # Speaking over the answer silences it.
    server.behave(answer="Well then", length=0.2)
    room.microphone.hear(0.3)
    await until(lambda: not room.speaker.playing)
    room.microphone.quiet(0.5)
    await room.answered(2)
    assert [status for _, _, status in room.said] == ["done", "cut", "done", "done"]
    texts = [text for _, text, _ in room.said]
    assert (texts[0], *texts[2:]) == ("Good morning", "Good morning", "Well then")
    assert LONG.startswith(texts[1])

    # Muted, nothing is sent.
    room.voice.set_muted(True)
    await until(lambda: room.voice.state.muted)
    before = len(server.turns)
    room.microphone.hear(0.3)
    room.microphone.quiet(0.5)
    room.voice.say("Written")
    await room.answered(3)
    assert [turn.kind for turn in server.turns[before:]] == ["text"]


async def test_what_is_changed_in_a_session_holds_from_then_on(server: LiveServer, room: VoiceRoom) -> None:
    await room.begin()
    await room.speak()
    await room.answered()
    # Typed letter by letter, it is told once.
    for length in range(1, 12):
        room.voice.change(
            room.settings(instructions="Be brief. "[:length], microphone="Other", recording="wav")
        )
    await until(lambda: room.voice.state.recording, "it records")
    assert room.microphone.status.device == "Other"

    def told() -> list[str]:
        return [text for one in server.messages if "Be brief" in (text := json.dumps(one))]

    await until(told, "the service knows")
    await room.in_phase("ready")
    room.voice.say("Well?")
    await room.answered(2)
    assert len(told()) == 1
    # The way of talking as well.
    room.voice.change(room.settings(instructions="Be brief.", mode="hands_free"))
    room.voice.say("Now hands-free?")
    await room.answered(3)
    assert {one.kind for one in room.remarks} <= {"changed"}
    assert room.voice.state.talking


async def test_nothing_is_kept_that_is_not_to_be(room: VoiceRoom) -> None:
    await room.begin(keep=False, recording="flac")
    await room.speak()
    await room.answered()
    room.voice.end()
    await room.in_phase("ended")
    await room.voice.close()
    assert not room.conversations
    assert not await room.store.page()
    assert room.voice.places()["recording"].read_bytes()[:4] == b"fLaC"


async def test_one_without_a_microphone_can_write(server: LiveServer, room: VoiceRoom) -> None:
    await room.begin(mode="push_to_talk")
    room.microphone.become("missing", sentence="No microphone was found. Connect one.")
    room.voice.press()
    room.voice.release()
    await until(lambda: room.notices)
    assert str(room.notices[0]) == "Nothing was sent. No microphone was found. Connect one."
    room.voice.say("Then I write")
    await room.answered()
    assert [turn.text for turn in server.turns] == ["Then I write"]
    assert room.said[0] == ("user", "Then I write", "done")


@pytest.mark.parametrize("fault", ["flood", "garbage", "huge", "failed", "cut_short", "refused", "half"])
async def test_a_service_that_misbehaves_once_is_forgiven(tmp_path: Path, fault: str) -> None:
    async with GeminiLive(fault=fault, times=1) as server, voice_room(server, tmp_path) as room:
        changes: list[object] = []
        room.voice.changed.add(changes.append)
        await room.begin()
        await room.speak()
        await room.answered()
        assert len(changes) < 2_000  # a flood has 20,000 pieces, and the window hears of few of them
        server.behave(fault="")
        room.voice.say("Once more")
        await until(lambda: len(server.turns) > 1)
        await room.answered(2)
        assert room.voice.state.error is None
        assert [one.text for one in room.turns if one.role == "user"] == ["Good morning", "Once more"]
        assert all(one.sentence.count(".") <= 2 for one in room.remarks)


@pytest.mark.parametrize(
    ("fault", "key", "word"),
    [("", "", "no key"), ("key", "k" * 20, "key"), ("model", "k" * 20, "model")],
    ids=["no key", "a key refused", "a model gone"],
)
async def test_what_stands_in_the_way_is_one_sentence(
    server: LiveServer, tmp_path: Path, fault: str, key: str, word: str
) -> None:
    server.behave(fault=fault)
    async with voice_room(server, tmp_path, key=key) as room:
        room.voice.start(room.settings(), room.offer)
        await room.in_phase("ended")
        error = room.voice.state.error
        assert error is not None
        assert word in str(error).lower()
        # And another session can be begun.
        server.behave(fault="")
        if key:
            await room.begin()
