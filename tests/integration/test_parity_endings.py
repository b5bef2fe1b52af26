"""The parity matrix: how answers end, well and badly, as users of the client see it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.errors import (
    AIProxyError,
    ContentBlockedError,
    InterruptedStreamError,
    LocalModelError,
    ProviderFailureError,
)
from aiproxy_desktop.core.events import (
    Finished,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    Usage,
    UsageReported,
)
from aiproxy_desktop.core.providers.builtin import provider as builtin
from tests.dialects import (
    ANTHROPIC,
    DIALECTS,
    GEMINI,
    OLLAMA,
    OPENAI,
    RESPONSES,
    Call,
    Dialect,
    anthropic,
    responses,
)
from tests.dialects.anthropic import start, stop
from tests.dialects.asking import Asking, asking, folded
from tests.dialects.base import line, sse
from tests.dialects.builtin import BUILTIN
from tests.waiting import until
from tests.wire import Reply

ROWS = (*DIALECTS, BUILTIN)
PATIENCE = 30.0
each_row = pytest.mark.parametrize("dialect", ROWS, ids=lambda dialect: dialect.name)
blocking = [row for row in DIALECTS if row is not OLLAMA]
each_blocking = pytest.mark.parametrize("dialect", blocking, ids=lambda dialect: dialect.name)


@pytest.fixture(autouse=True)
def _short_news(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in for the built-in model's process does not end when its connections break."""
    monkeypatch.setattr(builtin, "_NEWS_SECONDS", 0.01)


@each_row
@pytest.mark.parametrize("reason", ["stop", "length"])
async def test_finish_reason_and_usage(dialect: Dialect, reason: FinishReason) -> None:
    pieces = (dialect.reasoning("Hm. "), dialect.text("Hel"), dialect.text("lo ☀"), dialect.finish(reason))
    async with asking(dialect, pieces) as asked:
        whole = await asked.answer()
        chunked = folded(await asked.chunks())
        events, _ = await asked.events()
    message = {"role": "assistant", "content": "Hello ☀", "reasoning_content": "Hm. "}
    counted = {
        "prompt_tokens": 11,
        "completion_tokens": 7,
        "total_tokens": 18,
        "prompt_tokens_details": {"cached_tokens": dialect.usage.cached_tokens},
        "completion_tokens_details": {"reasoning_tokens": dialect.usage.reasoning_tokens},
    }
    assert whole["choices"] == [{"index": 0, "message": message, "finish_reason": reason}]
    assert (whole["usage"], whole["notes"], whole["images"]) == (counted, [], None)
    assert (whole["model"], whole["provider"], whole["object"]) == ("m", dialect.name, "chat.completion")
    assert chunked == {"message": message, "finish_reason": reason, "usage": counted, "notes": []}
    assert [event.text for event in events if isinstance(event, ReasoningDelta)] == ["Hm. "]
    assert events[-2:] == [UsageReported(dialect.usage), Finished(reason)]


@each_row
async def test_chunks_end_as_openais_do(dialect: Dialect) -> None:
    async with asking(dialect, (dialect.text("Hi"), dialect.finish("stop"))) as asked:
        *_, end, last = await asked.chunks()
    assert end["choices"][0]["finish_reason"] == "stop"
    assert "usage" not in end
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == dialect.usage.output_tokens


COUNTED: list[tuple[Dialect, tuple[bytes, ...], Usage]] = [
    (
        OPENAI,
        (
            OPENAI.text("Hi"),
            sse({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
            sse(
                {
                    "choices": [],
                    "usage": {
                        "prompt_tokens": 20,
                        "completion_tokens": 9,
                        "prompt_tokens_details": {"cached_tokens": 12},
                        "completion_tokens_details": {"reasoning_tokens": 5},
                    },
                }
            ),
        ),
        Usage(20, 9, 12, 5),
    ),
    (
        GEMINI,
        (
            sse(
                {
                    "candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}],
                    "usageMetadata": {
                        "promptTokenCount": 20,
                        "candidatesTokenCount": 4,
                        "thoughtsTokenCount": 5,
                        "cachedContentTokenCount": 12,
                    },
                }
            ),
        ),
        Usage(20, 9, 12, 5),
    ),
    (
        ANTHROPIC,
        (
            start({"input_tokens": 8, "cache_read_input_tokens": 12, "output_tokens": 1}),
            ANTHROPIC.text("Hi"),
            stop("end_turn", {"output_tokens": 9, "output_tokens_details": {"thinking_tokens": 5}}),
        ),
        Usage(20, 9, 12, 5),
    ),
]


@pytest.mark.parametrize(
    ("dialect", "pieces", "usage"), COUNTED, ids=[dialect.name for dialect, *_ in COUNTED]
)
async def test_cached_and_reasoning_tokens_are_told(
    dialect: Dialect, pieces: tuple[bytes, ...], usage: Usage
) -> None:
    async with asking(dialect, pieces) as asked:
        counted = (await asked.answer())["usage"]
    assert (counted["prompt_tokens"], counted["completion_tokens"], counted["total_tokens"]) == (20, 9, 29)
    assert counted["prompt_tokens_details"] == {"cached_tokens": usage.cached_tokens}
    assert counted["completion_tokens_details"] == {"reasoning_tokens": usage.reasoning_tokens}


def uncounted(**counts: int) -> bytes:
    return line({"model": "m", "message": {"role": "assistant", "content": "Hi"}, "done": True, **counts})


async def test_what_was_not_counted_is_not_zero() -> None:
    async with asking(OLLAMA, (uncounted(eval_count=7),)) as asked:
        counted = (await asked.answer())["usage"]
    assert (counted["prompt_tokens"], counted["completion_tokens"], counted["total_tokens"]) == (
        None,
        7,
        None,
    )


UNCOUNTED: list[tuple[Dialect, bytes]] = [
    (OLLAMA, uncounted()),
    (
        OPENAI,
        sse({"choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": "stop"}], "usage": {}}),
    ),
    (
        RESPONSES,
        RESPONSES.text("Hi")
        + responses.event("response.completed", response=responses.response("completed", usage=None)),
    ),
    (ANTHROPIC, ANTHROPIC.text("Hi") + anthropic.event("message_delta", delta={"stop_reason": "end_turn"})),
    (GEMINI, sse({"candidates": [{"content": {"parts": [{"text": "Hi"}]}, "finishReason": "STOP"}]})),
]


@pytest.mark.parametrize(("dialect", "pieces"), UNCOUNTED, ids=[dialect.name for dialect, _ in UNCOUNTED])
async def test_where_nothing_was_counted_there_is_no_usage(dialect: Dialect, pieces: bytes) -> None:
    async with asking(dialect, (pieces,)) as asked:
        assert (await asked.answer())["usage"] is None
        chunks = await asked.chunks()
    assert folded(chunks)["finish_reason"] == "stop"
    assert not any("usage" in chunk for chunk in chunks)


def blocked_later(dialect: Dialect) -> tuple[bytes, ...]:
    """The refusal of an answer that had begun."""
    if dialect is GEMINI:
        return (sse({"candidates": [{"content": {"parts": []}, "finishReason": "SAFETY"}]}),)
    return dialect.blocked


REASONS = {
    "openai": "content filter",
    "responses": "content_filter",
    "gemini": "PROHIBITED_CONTENT",
    "anthropic": "cyber",
}


@each_blocking
async def test_a_refused_prompt_is_an_error_with_its_reason(dialect: Dialect) -> None:
    async with asking(dialect, dialect.blocked) as asked:
        with pytest.raises(ContentBlockedError) as caught:
            await asked.answer()
        chunks, error = await asked.chunks_until()
    for found in (caught.value, error):
        assert type(found) is ContentBlockedError
        assert REASONS[dialect.name].replace("_", " ") in found.advice.replace("_", " ")
        assert found.advice.count("reason") == 1
        assert found.provider == dialect.name
        assert found.partial is None
    assert folded(chunks)["message"] in ({}, {"role": "assistant", "content": ""})


# The model's own words, or the category that the service gives instead.
REFUSALS: list[tuple[Dialect, tuple[bytes, ...], str]] = [
    (
        OPENAI,
        (
            sse({"choices": [{"index": 0, "delta": {"refusal": "I cannot "}, "finish_reason": None}]}),
            sse({"choices": [{"index": 0, "delta": {"refusal": "help."}, "finish_reason": None}]}),
            OPENAI.finish("stop"),
        ),
        "I cannot help. ",
    ),
    (
        RESPONSES,
        (
            responses.event("response.refusal.delta", output_index=1, content_index=0, delta="I cannot "),
            responses.event("response.refusal.delta", output_index=1, content_index=0, delta="help."),
            responses.event(
                "response.refusal.done", output_index=1, content_index=0, refusal="I cannot help."
            ),
            RESPONSES.finish("stop"),
        ),
        "I cannot help. ",
    ),
    (
        ANTHROPIC,
        (stop("refusal", stop_details={"type": "refusal", "category": "bio"}),),
        "The reason it gave: bio. ",
    ),
    (GEMINI, blocked_later(GEMINI), "The reason it gave: safety. "),
]


@pytest.mark.parametrize(
    ("dialect", "pieces", "words"), REFUSALS, ids=[dialect.name for dialect, *_ in REFUSALS]
)
@pytest.mark.parametrize("came", ["", "Hello"])
async def test_a_model_that_refuses_is_an_error_with_its_words(
    dialect: Dialect, pieces: tuple[bytes, ...], words: str, came: str
) -> None:
    said = (dialect.text(came),) if came else ()
    async with asking(dialect, (*said, *pieces)) as asked:
        with pytest.raises(ContentBlockedError) as caught:
            await asked.answer()
        assert caught.value.advice.lower().startswith(words.lower())
        assert (caught.value.partial is not None) == bool(came)
        if came:
            await broken(asked, came, ContentBlockedError)


OUTRIGHT = [
    (
        OPENAI,
        {"message": "Your request was rejected by the safety system.", "code": "content_policy_violation"},
    ),
    (RESPONSES, {"message": "The prompt was filtered: hate, high", "code": "content_filter"}),
]


@pytest.mark.parametrize(("dialect", "error"), OUTRIGHT, ids=[dialect.name for dialect, _ in OUTRIGHT])
async def test_a_prompt_refused_outright_tells_why(dialect: Dialect, error: dict[str, str]) -> None:
    async with asking(dialect, Reply.json({"error": error}, 400)) as asked:
        with pytest.raises(ContentBlockedError) as caught:
            await asked.answer()
    assert caught.value.advice.startswith(error["message"].removesuffix(".") + ". ")


@each_blocking
async def test_an_answer_refused_in_its_middle_keeps_what_came(dialect: Dialect) -> None:
    pieces = (dialect.text("Hel"), dialect.text("lo"), *blocked_later(dialect))
    async with asking(dialect, pieces) as asked:
        await broken(asked, "Hello", ContentBlockedError)


@each_row
@pytest.mark.parametrize("ending", ["end", "abort"])
async def test_an_answer_without_its_end_keeps_what_came(dialect: Dialect, ending: str) -> None:
    reply = dialect.reply(dialect.text("Hel"), dialect.text("lo"), ending=ending)
    async with asking(dialect, reply) as asked:
        await broken(asked, "Hello", LocalModelError if dialect is BUILTIN else InterruptedStreamError)


@each_row
async def test_an_error_in_the_middle_keeps_what_came(dialect: Dialect) -> None:
    pieces = (dialect.text("Hel"), dialect.text("lo"), dialect.error_frame("stumbled"))
    async with asking(dialect, pieces) as asked:
        await broken(asked, "Hello", ProviderFailureError)


@each_row
async def test_a_call_without_its_end_is_no_answer(dialect: Dialect) -> None:
    assert dialect.tool_calls is not None
    pieces = (dialect.text("Let me see."), dialect.tool_calls((Call("call_1", "erase", '{"all": true}'),)))
    async with asking(dialect, pieces) as asked:
        with pytest.raises(AIProxyError) as caught:
            await asked.answer()
    assert caught.value.partial is not None
    (choice,) = caught.value.partial["choices"]
    assert choice["message"]["content"] == "Let me see."
    assert choice["finish_reason"] is None


async def broken(asked: Asking, came: str, kind: type[AIProxyError]) -> None:
    """Each way of asking gives the error, and what came before it."""
    events, error = await asked.events()
    answer = MessageAssembler()
    for event in events:
        answer.feed(event)
    assert type(error) is kind
    assert (answer.text, answer.finish_reason) == (came, None)
    chunks, error = await asked.chunks_until()
    assert type(error) is kind
    assert folded(chunks)["message"] == {"role": "assistant", "content": came}
    assert folded(chunks)["finish_reason"] is None
    with pytest.raises(kind) as caught:
        await asked.answer()
    assert type(caught.value) is kind
    partial = caught.value.partial
    assert partial is not None
    assert partial["choices"][0] == {
        "index": 0,
        "message": {"role": "assistant", "content": came},
        "finish_reason": None,
    }
    assert partial["provider"] == asked.dialect.name


@each_row
@pytest.mark.parametrize("way", ["answer", "chunks", "events"])
async def test_cancelling_closes_the_connection(dialect: Dialect, way: str) -> None:
    reply = dialect.reply(dialect.text("Hel"), ending="silence")
    async with asking(dialect, reply) as asked:
        task = asyncio.get_running_loop().create_task(getattr(asked, way)())
        await until(lambda: asked.server.exchanges)
        await asyncio.wait_for(asked.server.exchanges[0].sent.wait(), PATIENCE)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(asked.server.exchanges[0].closed.wait(), PATIENCE)


@each_row
async def test_leaving_the_stream_early_closes_the_connection(dialect: Dialect) -> None:
    reply = dialect.reply(dialect.text("Hel"), ending="silence")
    async with asking(dialect, reply) as asked:
        messages = [{"role": "user", "content": "Hello"}]
        async with asked.client.stream(messages, "m", dialect.name) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        await asyncio.wait_for(asked.server.exchanges[0].closed.wait(), PATIENCE)
        chunks = await asked.client.create_completion(messages, "m", dialect.name, stream=True)
        async for chunk in chunks:
            if chunk["choices"][0]["delta"].get("content"):
                break
        await chunks.aclose()
        await asyncio.wait_for(asked.server.exchanges[1].closed.wait(), PATIENCE)


@each_row
async def test_after_one_answer_broke_the_next_is_whole(dialect: Dialect) -> None:
    good: Any = dialect.reply(dialect.text("Hi"), dialect.finish("stop"))
    async with asking(dialect, dialect.reply(dialect.text("Hel"), ending="abort"), good) as asked:
        with pytest.raises(AIProxyError):
            await asked.answer()
        assert (await asked.answer())["choices"][0]["message"]["content"] == "Hi"


async def test_a_page_instead_of_an_answer_holds_nothing_to_keep() -> None:
    for dialect in (OPENAI, RESPONSES, GEMINI, OLLAMA, ANTHROPIC):
        async with asking(dialect, Reply.html()) as asked:
            with pytest.raises(AIProxyError) as caught:
                await asked.answer()
        assert caught.value.partial is None
