"""The parity matrix, second half: what every provider makes of a service that fails."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Iterator
from email.utils import formatdate
from time import time

import pytest

from aiproxy_desktop.core import errors
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Started, StreamEvent, TextDelta
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.provider import Provider
from aiproxy_desktop.core.providers import _base
from aiproxy_desktop.core.timeouts import Timeouts
from tests.dialects import DIALECTS, KEY, KEYED, Dialect
from tests.wire import ByteServer, Reply

REQUEST = CompletionRequest("m", (Message.of("user", "Hello"),))

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
each_keyed = pytest.mark.parametrize("dialect", KEYED, ids=lambda dialect: dialect.name)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


async def failing(provider: Provider) -> tuple[list[StreamEvent], AIProxyError]:
    """What came before the error, and the error."""
    events: list[StreamEvent] = []

    async def listen() -> None:
        async for event in provider.stream(REQUEST):
            events.append(event)  # noqa: PERF401  # a comprehension would lose what came before the error

    with pytest.raises(AIProxyError) as caught:
        await listen()
    assert caught.value.provider == provider.id
    assert caught.value.title
    return events, caught.value


@each_dialect
@pytest.mark.parametrize("ending", ["abort", "end", "close"])
async def test_an_early_end_keeps_what_came(dialect: Dialect, http: HttpClient, ending: str) -> None:
    half = dialect.text("never whole")[:-9]
    async with ByteServer(dialect.reply(dialect.text("Hel"), half, ending=ending)) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.InterruptedStreamError
    assert error.retryable
    assert events[1:] == [TextDelta("Hel")]


@each_dialect
async def test_a_connection_closed_without_an_answer(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(Reply.nothing("abort")) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.InterruptedStreamError
    assert events == []


@each_dialect
@pytest.mark.parametrize("together", [True, False])
async def test_an_error_object_in_the_stream_keeps_what_came(
    dialect: Dialect, http: HttpClient, together: bool
) -> None:
    pieces: tuple[bytes, ...] = (dialect.text("Hel"), dialect.error_frame("the engine stumbled"))
    async with ByteServer(dialect.reply(*([b"".join(pieces)] if together else pieces))) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.ProviderFailureError
    assert error.detail == "the engine stumbled"
    assert events[1:] == [TextDelta("Hel")]


@each_dialect
async def test_an_unreadable_frame_keeps_what_came(dialect: Dialect, http: HttpClient) -> None:
    broken = dialect.text("x").replace(b"}", b"")
    async with ByteServer(dialect.reply(dialect.text("Hel") + broken + dialect.text("lo"))) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.ProtocolError
    assert events[1:] == [TextDelta("Hel")]


@each_dialect
@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (401, "key", errors.AuthenticationError),
        (404, "model", errors.ModelNotFoundError),
        (429, "rate", errors.RateLimitError),
        (500, "server", errors.ProviderFailureError),
        (503, "server", errors.ProviderFailureError),
        (400, "context", errors.RequestTooLargeError),
    ],
)
async def test_a_refusal_has_its_kind(
    dialect: Dialect, http: HttpClient, status: int, code: str, kind: type[AIProxyError]
) -> None:
    async with ByteServer(dialect.refusal(status, code, "as it says")) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is kind
    assert error.status == status
    assert "as it says" in error.detail
    assert error.advice
    assert events == []


@each_dialect
@pytest.mark.parametrize("status", [500, 502, 404, 429])
async def test_a_refusal_in_html_has_its_kind_by_status(
    dialect: Dialect, http: HttpClient, status: int
) -> None:
    kinds = {404: errors.InvalidEndpointError, 429: errors.RateLimitError}
    async with ByteServer(Reply.html(status)) as server:
        _, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is kinds.get(status, errors.ProviderFailureError)


@each_dialect
async def test_the_wait_is_told_in_seconds(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(dialect.refusal(429, "rate", headers={"Retry-After": "12"})) as server:
        _, error = await failing(dialect.build(http, server.url, KEY))
    assert error.retry_after == 12.0
    assert error.title.endswith("asks to wait 12 s")
    assert error.advice == "Too many requests in the last minute (429)."


@each_dialect
async def test_the_wait_is_told_as_a_date(dialect: Dialect, http: HttpClient) -> None:
    date = formatdate(time() + 3600, usegmt=True)
    async with ByteServer(dialect.refusal(429, "rate", headers={"Retry-After": date})) as server:
        _, error = await failing(dialect.build(http, server.url, KEY))
    assert error.retry_after is not None
    assert 3000 < error.retry_after <= 3600


@each_dialect
@pytest.mark.parametrize(
    "content_type", ["text/html; charset=utf-8", "text/event-stream", "application/json"]
)
async def test_a_web_page_under_200_is_no_answer(
    dialect: Dialect, http: HttpClient, content_type: str
) -> None:
    async with ByteServer(Reply.html(200, content_type)) as server:
        provider = dialect.build(http, server.url, KEY)
        events, error = await failing(provider)
        assert type(error) is errors.ProtocolError
        assert [event for event in events if not isinstance(event, Started)] == []
        with pytest.raises(errors.ProtocolError):
            await provider.list_models()


@each_dialect
async def test_silence_before_the_answer(dialect: Dialect) -> None:
    http = HttpClient(timeouts=Timeouts(idle=0.2))
    async with ByteServer(Reply.nothing()) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
        await http.aclose()
    assert type(error) is errors.ProviderTimeoutError
    assert events == []


@each_dialect
async def test_silence_within_the_answer_keeps_what_came(dialect: Dialect) -> None:
    http = HttpClient(timeouts=Timeouts(idle=0.5))
    async with ByteServer(dialect.reply(dialect.text("Hel"), ending="silence")) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
        await server.exchanges[0].closed.wait()
        await http.aclose()
    assert type(error) is errors.ProviderTimeoutError
    assert events[1:] == [TextDelta("Hel")]


@each_dialect
async def test_nobody_listens(dialect: Dialect, http: HttpClient) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        provider = dialect.build(http, url, KEY)
        _, error = await failing(provider)
        with pytest.raises(errors.UnreachableError):
            await provider.list_models()
    assert type(error) is errors.UnreachableError
    assert url in error.advice


@pytest.mark.parametrize(
    "dialect", [dialect for dialect in DIALECTS if dialect.blocked], ids=lambda one: one.name
)
async def test_blocked_content_is_an_error_with_its_reason(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(dialect.reply(*dialect.blocked)) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.ContentBlockedError
    assert "The reason it gave: " in error.advice
    assert len(events) == 1


@each_dialect
async def test_a_redirect_is_not_followed(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(Reply(307, headers={"location": "http://127.0.0.1:1/elsewhere"})) as server:
        _, error = await failing(dialect.build(http, server.url, KEY))
        assert len(server.exchanges) == 1
    assert type(error) is errors.InvalidEndpointError


@each_dialect
async def test_a_compressed_answer_is_refused_unread(dialect: Dialect, http: HttpClient) -> None:
    async with ByteServer(
        Reply(200, "application/json", (b"\x1f\x8b",), {"content-encoding": "gzip"})
    ) as server:
        _, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.ProtocolError


@each_dialect
async def test_an_endless_list_is_not_read_to_its_end(dialect: Dialect, http: HttpClient) -> None:
    many = (b" " * 1024 * 1024,) * 40
    async with ByteServer(Reply(200, "application/json", many)) as server:
        with pytest.raises(errors.ProtocolError):
            await dialect.build(http, server.url, KEY).list_models()


@each_dialect
async def test_an_answer_without_end_is_left_and_what_came_is_kept(
    dialect: Dialect, http: HttpClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_base, "MAX_ANSWER_BYTES", 10_000)
    async with ByteServer(dialect.reply(*[dialect.text("on and on")] * 20_000)) as server:
        events, error = await failing(dialect.build(http, server.url, KEY))
    assert type(error) is errors.ProtocolError
    assert 10 < len(events) < 15_000  # up to what one read of a socket holds beyond the bound


@each_dialect
@pytest.mark.parametrize("odd", [None, True, 5, -1.5, "x", [], [None], {}, {"a": 1}], ids=repr)
async def test_a_list_may_hold_anything(dialect: Dialect, http: HttpClient, odd: object) -> None:
    fields = "capabilities architecture context_length name display_name displayName size details"
    fields += " supportedGenerationMethods inputTokenLimit thinking remote_model model_info"
    fields += " max_input_tokens max_tokens created_at retires_at lifecycle"
    row = dict.fromkeys(fields.split(), odd)
    rows = [odd, row, {**row, "id": "m", "name": "models/m"}]
    async with ByteServer(Reply.json({"data": rows, "models": rows})) as server:
        for model in await dialect.build(http, server.url, KEY).list_models():
            assert model.id in ("m", "models/m", odd)
            assert isinstance(model.display_name, str)


@each_keyed
@pytest.mark.parametrize("key", ["sk-one\nsk-two", "sk-\x00", "schlüssel", "sk one"])
async def test_a_key_that_cannot_be_sent_is_not(dialect: Dialect, http: HttpClient, key: str) -> None:
    async with ByteServer(Reply.json({})) as server:
        _, error = await failing(dialect.build(http, server.url, key))
        assert server.exchanges == []
    assert type(error) is errors.InvalidKeyError
    assert key not in str(error)


@each_keyed
async def test_a_missing_key_names_where_to_set_one(dialect: Dialect, http: HttpClient) -> None:
    _, error = await failing(dialect.build(http, "http://127.0.0.1:1", None))
    assert type(error) is errors.MissingKeyError
    assert "Settings" in error.advice
    names = {"openai": "OPENAI_API_KEY", "gemini": "GEMINI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
    assert names.get(dialect.name, "Settings") in error.advice


@each_keyed
@pytest.mark.parametrize("status", [400, 401, 500, 200])
async def test_a_key_that_the_service_echoes_stays_hidden(
    dialect: Dialect, http: HttpClient, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    odd_key = "no-known-shape.0123"
    caplog.set_level(logging.DEBUG)
    message = f"Incorrect API key provided: {odd_key} (Bearer {odd_key})"
    reply = (
        dialect.refusal(status, "server", message)
        if status != 200
        else dialect.reply(dialect.error_frame(message))
    )
    async with ByteServer(reply) as server:
        provider = dialect.build(http, server.url, odd_key)
        _, error = await failing(provider)
    for text in _texts(error):
        assert odd_key not in text
    assert odd_key not in repr(provider)
    assert odd_key not in caplog.text
    assert not [record for record in caplog.records if record.name.startswith(("httpx", "aiohttp"))]


@each_keyed
async def test_a_key_stays_hidden_when_the_transport_fails(dialect: Dialect, http: HttpClient) -> None:
    for reply in (Reply.nothing("abort"), dialect.reply(dialect.text("a"), ending="abort")):
        async with ByteServer(reply) as server:
            _, error = await failing(dialect.build(http, server.url, KEY))
        for text in _texts(error):
            assert KEY not in text


def _texts(error: BaseException | None) -> Iterator[str]:
    """Everything an error shows or carries, with the errors it hangs on."""
    while error is not None:
        yield from (str(error), repr(error), repr(vars(error)))
        request = getattr(error, "_request", None)
        assert request is None, "the request holds the key"
        error = error.__cause__ or error.__context__
