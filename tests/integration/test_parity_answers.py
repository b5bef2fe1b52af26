"""The parity matrix, first half: what every provider does when its service behaves, and how it is left."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.events import (
    Finished,
    ReasoningDelta,
    Started,
    StreamEvent,
    TextDelta,
    UsageReported,
)
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message, ReasoningPart, TextPart
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.registry import Registry
from tests.dialects import DIALECTS, GEMINI, KEY, KEYED, OLLAMA, Dialect
from tests.waiting import until
from tests.wire import ByteServer, Reply

REQUEST = CompletionRequest("m", (Message.of("system", "Be brief."), Message.of("user", "Hello")))
PATIENCE = 30.0

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


async def collect(provider: Provider, request: CompletionRequest = REQUEST) -> list[StreamEvent]:
    return [event async for event in provider.stream(request)]


def folded(events: list[StreamEvent]) -> MessageAssembler:
    answer = MessageAssembler()
    for event in events:
        answer.feed(event)
    return answer


@each_dialect
async def test_text_reasoning_usage_and_the_end_arrive_in_order(dialect: Dialect, http: HttpClient) -> None:
    pieces = (dialect.reasoning("Hm. "), dialect.text("Hel"), dialect.text("lo ☀"), dialect.finish("stop"))
    async with ByteServer(dialect.reply(*pieces)) as server:
        provider = dialect.build(http, server.url, KEY)
        events = await collect(provider)
    assert events == [
        Started(provider.id, "m"),
        ReasoningDelta("Hm. "),
        TextDelta("Hel"),
        TextDelta("lo ☀"),
        UsageReported(dialect.usage),
        Finished("stop"),
    ]
    assert folded(events).message == Message("assistant", (ReasoningPart("Hm. "), TextPart("Hello ☀")))


@each_dialect
async def test_an_answer_cut_at_the_limit_says_so(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(dialect.reply(dialect.text("Hel"), dialect.finish("length"))) as server:
        events = await collect(dialect.build(http, server.url, KEY))
    assert events[-1] == Finished("length")


@each_dialect
async def test_one_byte_at_a_time_is_the_same_answer(dialect: Dialect, http: HttpClient) -> None:
    whole = dialect.text("Grüße ") + dialect.text("☀\u2028☂") + dialect.finish("stop")
    pieces = (whole[place : place + 1] for place in range(len(whole)))
    async with ByteServer(dialect.reply(*pieces)) as server:
        events = await collect(dialect.build(http, server.url, KEY))
    assert folded(events).text == "Grüße ☀\u2028☂"
    assert events[-1] == Finished("stop")


@each_dialect
async def test_a_body_that_ends_by_closing_is_whole(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(
        dialect.reply(dialect.text("Hi"), dialect.finish("stop"), ending="close")
    ) as server:
        events = await collect(dialect.build(http, server.url, KEY))
    assert folded(events).text == "Hi"


@each_dialect
async def test_what_befalls_the_connection_after_the_end_does_not_matter(
    dialect: Dialect, http: HttpClient
) -> None:
    async with ByteServer(
        dialect.reply(dialect.text("Hi"), dialect.finish("stop"), ending="abort")
    ) as server:
        events = await collect(dialect.build(http, server.url, KEY))
    assert events[-1] == Finished("stop")


@each_dialect
async def test_a_whole_answer_leaves_its_connection_to_the_next(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(dialect.reply(dialect.text("Hi"), dialect.finish("stop"))) as server:
        provider = dialect.build(http, server.url, KEY)
        await collect(provider)
        await collect(provider)
        first, second = server.exchanges
        assert first.closed is second.closed


@each_dialect
async def test_cancelling_closes_the_connection(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(dialect.reply(dialect.text("Hel"), ending="silence")) as server:
        provider = dialect.build(http, server.url, KEY)
        arrived = asyncio.Event()
        answer = MessageAssembler()

        async def listen() -> None:
            async for event in provider.stream(REQUEST):
                answer.feed(event)
                if answer.text:
                    arrived.set()

        task = asyncio.get_running_loop().create_task(listen())
        await asyncio.wait_for(arrived.wait(), PATIENCE)
        assert not server.exchanges[0].closed.is_set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)
    assert answer.text == "Hel"


@each_dialect
async def test_cancelling_before_the_answer_closes_the_connection(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(Reply.nothing()) as server:
        task = asyncio.get_running_loop().create_task(collect(dialect.build(http, server.url, KEY)))
        await until(lambda: server.exchanges)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert task.cancelled()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)


@each_dialect
async def test_leaving_the_stream_early_closes_the_connection_and_leaves_no_task(
    dialect: Dialect, http: HttpClient
) -> None:
    async with ByteServer(dialect.reply(dialect.text("Hel"), ending="silence")) as server:
        client = CompletionClient(Registry((dialect.build(http, server.url, KEY),)))
        before = asyncio.all_tasks()
        async with client.stream([{"role": "user", "content": "Hi"}], "m", dialect.name) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    break
        assert {task for task in asyncio.all_tasks() - before if task.get_name() != "byte-server"} == set()
        await asyncio.wait_for(server.exchanges[0].closed.wait(), PATIENCE)


@each_dialect
async def test_many_answers_at_once_keep_apart(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(
        lambda exchange: dialect.reply(
            *(dialect.text(word) for word in ("I ", "heard ", _said(dialect, exchange.json))),
            dialect.finish("stop"),
        )
    ) as server:
        provider = dialect.build(http, server.url, KEY)
        requests = [CompletionRequest("m", (Message.of("user", f"word {n}"),)) for n in range(12)]
        answers = await asyncio.gather(*(collect(provider, request) for request in requests))
    assert [folded(events).text for events in answers] == [f"I heard word {n}" for n in range(12)]


@each_dialect
async def test_the_request_says_it_the_dialects_way(dialect: Dialect, http: HttpClient) -> None:
    request = CompletionRequest(
        "m",
        (
            Message.of("system", "Be brief."),
            Message.of("user", "Hello"),
            Message("assistant", (ReasoningPart("secret thought"), TextPart("Hi"))),
            Message.of("assistant", ""),
            Message.of("user", "More \ud83d"),
        ),
        temperature=0.5,
        max_tokens=100,
    )
    async with ByteServer(dialect.reply(dialect.finish("stop"))) as server:
        await collect(dialect.build(http, server.url, KEY), request)
        (exchange,) = server.exchanges
    assert exchange.method == "POST"
    assert exchange.path == dialect.path
    assert exchange.headers["accept-encoding"] == "identity"
    assert _turns(dialect, exchange.json) == [("user", "Hello"), ("assistant", "Hi"), ("user", "More \ufffd")]
    assert _limits(dialect, exchange.json) == (0.5, 100)
    assert "secret thought" not in exchange.body.decode()


@pytest.mark.parametrize("dialect", KEYED, ids=lambda dialect: dialect.name)
async def test_the_key_goes_into_a_header_and_never_into_the_address(
    dialect: Dialect, http: HttpClient
) -> None:
    async with ByteServer(dialect.reply(dialect.finish("stop"))) as server:
        await collect(dialect.build(http, server.url, f" {KEY}\n"))
        (exchange,) = server.exchanges
    assert dialect.key_header is not None
    assert exchange.headers[dialect.key_header].removeprefix("Bearer ") == KEY
    assert KEY not in exchange.path


@each_dialect
async def test_only_models_that_chat_are_listed(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(Reply.json(dialect.models)) as server:
        models = await dialect.build(http, server.url, KEY).list_models()
    expected = {
        "gemini": "gemini-3.8-flash",
        "ollama": "llama3.2:latest",
        "anthropic": "claude-opus-5-5",
    }
    assert [model.id for model in models] == [expected.get(dialect.name, "gpt-5.4")]
    assert models[0].provider == dialect.name


def _turns(dialect: Dialect, body: dict[str, object]) -> list[tuple[str, str]]:
    """User and assistant turns of a request body, each with its text."""
    if dialect.read is not None:
        sent = dialect.read(body)
        assert sent.system == "Be brief."
        assert all(piece[0] == "text" for _, pieces in sent.turns for piece in pieces)
        return [(role, "".join(piece[1] for piece in pieces)) for role, pieces in sent.turns]
    if dialect is GEMINI:
        contents = body["contents"]
        assert isinstance(contents, list)
        assert body["systemInstruction"] == {"parts": [{"text": "Be brief."}]}
        roles = {"model": "assistant", "user": "user"}
        return [(roles[turn["role"]], turn["parts"][0]["text"]) for turn in contents]
    messages = body["messages"]
    assert isinstance(messages, list)
    assert messages[0] == {"role": "system", "content": "Be brief."}
    return [(message["role"], message["content"]) for message in messages[1:]]


def _limits(dialect: Dialect, body: dict[str, object]) -> tuple[object, object]:
    if dialect.read is not None:
        sent = dialect.read(body)
        return sent.temperature, sent.max_tokens
    options = body["options" if dialect is OLLAMA else "generationConfig"]
    assert isinstance(options, dict)
    return options["temperature"], options["num_predict" if dialect is OLLAMA else "maxOutputTokens"]


def _said(dialect: Dialect, body: dict[str, list[dict[str, object]]]) -> str:
    if dialect.read is not None:
        return str(dialect.read(body).turns[-1][1][0][1])
    if dialect is GEMINI:
        parts = body["contents"][-1]["parts"]
        assert isinstance(parts, list)
        return str(parts[0]["text"])
    content = body["messages"][-1]["content"]
    return str(content[0]["text"] if isinstance(content, list) else content)
