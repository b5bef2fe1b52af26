"""Asking in the background: when there is a reason, and no one in another's way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.retry import NO_RETRY
from aiproxy_desktop.services.provider_refresh import ProviderRefresher
from tests.unit.services.test_providers import KEY, Desk, desk_in, model_list
from tests.waiting import until
from tests.wire import ByteServer, Exchange, Reply

HELLO = [{"role": "user", "content": "Hello"}]
LIMITED = Reply.json(
    {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, 429, {"retry-after": "1"}
)


@asynccontextmanager
async def refreshing(
    desk: Desk, every: float = 600.0, retry: float = 600.0
) -> AsyncIterator[ProviderRefresher]:
    unexpected: list[Exception] = []
    refresher = ProviderRefresher(desk.service, unexpected.append, every=every, retry=retry)
    refresher.start()
    try:
        yield refresher
    finally:
        await refresher.close()
    assert unexpected == []


async def test_everyone_is_asked_once_at_the_start(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        async with refreshing(desk):
            await until(lambda: desk.state("studio").status == "ready")
            await until(lambda: desk.state("openai").status == "no_key")
            await until(lambda: not desk.service.outdated() and not desk.service.asking())
        assert len(server.exchanges) == 1


async def test_a_slow_and_a_dead_one_are_in_nobodys_way(tmp_path: Path) -> None:
    async with (
        ByteServer(Reply.nothing()) as slow,
        ByteServer(model_list("a")) as quick,
        desk_in(tmp_path, {}) as desk,
    ):
        await desk.service.add_endpoint("slow", slow.url)
        await desk.service.add_endpoint("dead", "http://127.0.0.1:1/v1")
        await desk.service.add_endpoint("quick", quick.url)
        async with refreshing(desk) as refresher:
            await until(lambda: desk.state("quick").status == "ready")
            await until(lambda: desk.state("dead").status == "unreachable")
            assert desk.state("slow").status == "checking"
            refresher.refresh()  # the slow one is being asked already, the others can be asked again
            await until(lambda: len(quick.exchanges) == 2)
            assert len(slow.exchanges) == 1


async def test_a_new_key_and_a_new_address_are_tried_at_once(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk, refreshing(desk):
        await until(lambda: desk.state("openai").status == "no_key")
        await desk.service.add_endpoint("studio", server.url)
        await until(lambda: desk.state("studio").status == "ready")
        await desk.service.set_key("studio", KEY)
        await until(lambda: len(server.exchanges) == 2)
        assert server.exchanges[1].headers["authorization"] == f"Bearer {KEY}"


async def test_one_that_was_away_is_found_again(tmp_path: Path) -> None:
    """Nothing is shown as being asked while the background tries in vain."""
    broken: list[bool] = [True]

    def reply(_exchange: Exchange) -> Reply:
        return Reply.nothing("abort") if broken else model_list("a")

    async with ByteServer(reply) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        async with refreshing(desk, retry=0.05):
            await until(lambda: desk.state("studio").status == "unreachable")
            seen: set[str] = set()
            desk.service.subscribe(lambda: seen.add(desk.state("studio").status))
            await until(lambda: len(server.exchanges) > 2)
            broken.clear()
            await until(lambda: desk.state("studio").status == "ready")
        assert "checking" not in seen


async def test_a_rate_limit_says_until_when_and_is_tried_again_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aiproxy_desktop.services.provider_refresh._LEAST", 0.1)
    async with (
        ByteServer(model_list("a"), LIMITED, model_list("a", "b")) as server,
        desk_in(tmp_path, {}) as desk,
    ):
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        await desk.service.refresh("studio")
        state = desk.state("studio")
        assert state.status == "rate_limited"
        assert state.until is not None
        assert [model.id for model in state.models] == ["a"]
        assert state.milliseconds is not None
        async with refreshing(desk, retry=0.1):
            await until(lambda: desk.state("studio").status == "ready")
        assert desk.state("studio").until is None
        assert len(desk.state("studio").models) == 2


async def test_what_an_answer_is_refused_with_is_the_providers_state(tmp_path: Path) -> None:
    refusal = Reply.json({"error": {"message": "bad key", "code": "invalid_api_key"}}, 401)
    answer = Reply.events(
        b'data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\n', b"data: [DONE]\n\n"
    )
    async with ByteServer(model_list("a"), LIMITED, answer, refusal) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        client = CompletionClient(desk.registry, retries=NO_RETRY)
        client.watch_outcomes(desk.service.note_outcome)

        with pytest.raises(AIProxyError):
            await client.create_completion(HELLO, "studio:a")
        limited = desk.state("studio")
        assert (limited.status, limited.until is not None) == ("rate_limited", True)
        assert limited.models

        await client.create_completion(HELLO, "studio:a")
        assert (desk.state("studio").status, desk.state("studio").detail) == ("ready", "Ready, 1 model")

        with pytest.raises(AIProxyError):
            await client.create_completion(HELLO, "studio:a")
        assert desk.state("studio").status == "rejected"
        assert "studio" in desk.service.outdated()  # the list tells for sure
        await client.aclose()


async def test_an_answer_that_cannot_be_had_has_its_provider_looked_at(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {}) as desk:
        async with ByteServer(model_list("a")) as server:
            await desk.service.add_endpoint("studio", server.url)
            await desk.service.refresh("studio")
        client = CompletionClient(desk.registry, retries=NO_RETRY)
        client.watch_outcomes(desk.service.note_outcome)
        with pytest.raises(AIProxyError):
            await client.create_completion(HELLO, "studio:a")
        assert desk.state("studio").status == "ready"
        assert "studio" in desk.service.outdated()
        await client.aclose()


async def test_another_key_is_tried_without_being_kept(tmp_path: Path) -> None:
    async with ByteServer(model_list("a")) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url, KEY)
        assert (await desk.service.test_key("studio", "sk-another-key")).ok
        assert server.exchanges[0].headers["authorization"] == "Bearer sk-another-key"
        assert await desk.keys.get("studio") == KEY
        assert not (await desk.service.test_key("nobody", "sk-another-key")).ok


async def test_a_list_that_is_too_long_is_cut_with_a_sentence(tmp_path: Path) -> None:
    many = b'{"data":[' + b",".join(b'{"id":"m%d"}' % number for number in range(30_000)) + b"]}"
    async with ByteServer(Reply(pieces=(many,))) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        state = desk.state("studio")
        assert (state.status, len(state.models)) == ("ready", 20_000)
        assert state.detail == "Shows the first 20,000 of 30,000 models"


async def test_a_list_without_end_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aiproxy_desktop.core.providers.openai.provider.MAX_LIST_BYTES", 1_000)
    async with (
        ByteServer(Reply(pieces=(b'{"data":[' + b" " * 5_000,))) as server,
        desk_in(tmp_path, {}) as desk,
    ):
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        state = desk.state("studio")
        assert (state.status, state.detail) == ("error", "studio sent an answer that is too large")


async def test_hostile_rows_are_one_providers_trouble(tmp_path: Path) -> None:
    rows = [
        None,
        7,
        {"id": "x" * 10_000},
        {"id": "<b>bold</b>", "name": "<i>a</i>\nb\u202e", "context_length": -5, "pricing": {"prompt": "-1"}},
        {"id": "a\nb"},
        {"id": "fine"},
        {"id": "fine", "context_length": 7},
    ]
    async with ByteServer(Reply.json({"data": rows})) as server, desk_in(tmp_path, {}) as desk:
        await desk.service.add_endpoint("studio", server.url)
        await desk.service.refresh("studio")
        models = desk.state("studio").models
        assert [model.id for model in models] == ["<b>bold</b>", "fine"]
        assert (models[0].display_name, models[0].context_window) == ("<i>a</i> b", None)
