"""Several accounts of one vendor: each in the vendor's own dialect, each with its own key."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError, UnsupportedError
from aiproxy_desktop.core.messages import CompletionRequest, MediaPart, Message
from aiproxy_desktop.core.retry import NO_RETRY
from aiproxy_desktop.services.provider_specs import endpoint_spec, home_of
from aiproxy_desktop.storage.settings import RESERVED_IDS, Endpoint, Settings, SettingsStore
from tests.dialects import DIALECTS
from tests.dialects.base import Dialect
from tests.unit.services.test_providers import Desk, desk, desk_in
from tests.wire import ByteServer, Exchange, Reply

__all__ = ["desk"]

FIRST, SECOND = "sk-first-0123456789", "sk-second-0123456789"
OWN = [one for one in DIALECTS if one.name in {"openai", "gemini", "anthropic"}]
HELLO = [{"role": "user", "content": "Hello"}]
CHAT_MODEL = {"openai": "gpt-5.5", "gemini": "gemini-3.8-flash", "anthropic": "claude-opus-5-5"}


def lists(vendor: str) -> Reply:
    name = CHAT_MODEL[vendor]
    if vendor == "gemini":
        row = {"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]}
        return Reply.json({"models": [row]})
    return Reply.json({"data": [{"id": name}]})


def serving(dialect: Dialect) -> ByteServer:
    def reply(exchange: Exchange) -> Reply:
        if exchange.method == "GET":
            return lists(dialect.name)
        return dialect.reply(dialect.text("Good day."), dialect.finish("stop"))

    return ByteServer(reply)


def key_sent(exchange: Exchange) -> str:
    headers = exchange.headers
    bearer = headers.get("authorization", "").removeprefix("Bearer ")
    return bearer or headers.get("x-goog-api-key", "") or headers.get("x-api-key", "")


@pytest.mark.parametrize("dialect", OWN, ids=lambda one: one.name)
async def test_two_accounts_of_a_vendor_each_use_their_own_key(tmp_path: Path, dialect: Dialect) -> None:
    vendor = dialect.name
    async with serving(dialect) as server, desk_in(tmp_path, {}) as desk:
        work = await desk.service.add_endpoint("Work", server.url, FIRST, vendor)
        home = await desk.service.add_endpoint("Home", server.url, SECOND, vendor)
        assert (work.id, home.id) == ("work", "home")
        await desk.service.refresh("work")
        await desk.service.refresh("home")
        assert [key_sent(one) for one in server.exchanges] == [FIRST, SECOND]

        for name in ("work", "home"):
            state = desk.state(name)
            assert (state.status, state.kind, state.vendor) == ("ready", "endpoint", vendor)
            model = state.models[0]
            assert (model.provider, model.maker) == (name, vendor)
            # The vendor's own row of the table, not only what a family is known to do.
            assert model.context_window is not None
            assert model.price is not None
            assert state.reported[0].price is None

        client = CompletionClient(desk.registry, retries=NO_RETRY)
        for name, key in (("home", SECOND), ("work", FIRST)):
            answer = await client.create_completion(HELLO, f"{name}:{CHAT_MODEL[vendor]}")
            assert answer["provider"] == name
            assert key_sent(server.exchanges[-1]) == key
        assert "/chat/completions" not in server.paths[-1] or vendor == "openai"
        await client.aclose()


async def test_an_openai_account_chooses_the_interface_as_openai_does(tmp_path: Path) -> None:
    async with (
        ByteServer(Reply.json({"error": {"message": "no"}}, 400)) as server,
        desk_in(tmp_path, {}) as desk,
    ):
        await desk.service.add_endpoint("Work", f"{server.url}/v1", FIRST, "openai")
        client = CompletionClient(desk.registry, retries=NO_RETRY)
        with pytest.raises(AIProxyError) as caught:
            await client.create_completion(HELLO, "work:gpt-6.2-astra", effort="high")
        assert caught.value.provider == "work"
        assert server.paths[0] == "/v1/responses"
        await client.aclose()


@pytest.mark.parametrize("vendor", ["gemini", "anthropic"])
async def test_what_a_dialect_refuses_is_said_of_the_account(desk: Desk, vendor: str) -> None:
    await desk.service.add_endpoint("Work", "http://127.0.0.1:1", FIRST, vendor)
    provider = desk.registry.get("work")
    assert provider is not None
    unreadable = Message("user", (MediaPart("document", "application/zip", b"PK"),))
    with pytest.raises(UnsupportedError) as caught:
        await anext(provider.stream(CompletionRequest(CHAT_MODEL[vendor], (unreadable,))))
    assert caught.value.provider == "work"
    assert caught.value.model in {"", f"work:{CHAT_MODEL[vendor]}"}


async def test_an_account_without_an_address_goes_to_the_vendor(desk: Desk) -> None:
    for vendor in ("openai", "gemini", "anthropic", "groq", "mistral"):
        added = await desk.service.add_endpoint("", "", FIRST, vendor)
        assert added.base_url == ""
        assert added.id not in RESERVED_IDS
        assert desk.state(added.id).base_url == home_of(vendor)
    labels = [item.name for item in desk.settings.current.endpoints]
    assert labels == ["OpenAI", "Gemini", "Anthropic", "Groq", "Mistral"]
    assert "openai-2" in desk.ids()


async def test_a_second_account_of_a_row_has_an_id_of_its_own(tmp_path: Path) -> None:
    async with desk_in(tmp_path, {"GROQ_API_KEY": SECOND}) as desk:
        added = await desk.service.add_endpoint("Groq", "", FIRST, "groq")
        assert added.id == "groq-2"
        assert (await desk.keys.get("groq-2")) == FIRST
        assert desk.state("groq").kind == "vendor"


@pytest.mark.parametrize("vendor", ["azure", "", "nobody"])
async def test_an_address_is_asked_for_where_there_is_none(desk: Desk, vendor: str) -> None:
    with pytest.raises(InvalidEndpointError):
        await desk.service.add_endpoint("Work", "", FIRST, vendor)
    assert desk.settings.current.endpoints == ()


async def test_a_key_of_the_environment_is_not_for_another_account(tmp_path: Path) -> None:
    environ = {"OPENAI_API_KEY": SECOND, "GEMINI_API_KEY": SECOND, "ANTHROPIC_API_KEY": SECOND}
    async with (
        ByteServer(Reply.json({"data": [], "models": []})) as server,
        desk_in(tmp_path, environ) as desk,
    ):
        for vendor in ("openai", "gemini", "anthropic"):
            added = await desk.service.add_endpoint("Mine", server.url, "", vendor)
            check = await desk.service.test(added.id)
            assert check.status == "no_key"
        assert server.exchanges == []


async def test_a_vendors_id_in_old_settings_brings_no_foreign_key_to_an_account(tmp_path: Path) -> None:
    async with serving(OWN[0]) as server:
        odd = Endpoint(id="groq", name="Odd", base_url=server.url, vendor="openai")
        SettingsStore(tmp_path / "settings.json").save(Settings(endpoints=(odd,)))
        async with desk_in(tmp_path, {"GROQ_API_KEY": SECOND}) as desk:
            assert (await desk.service.test("groq")).status == "no_key"
            assert server.exchanges == []


async def test_two_accounts_added_at_once_have_a_key_each(desk: Desk) -> None:
    async with serving(OWN[0]) as here, serving(OWN[0]) as there:
        one, two = await asyncio.gather(
            desk.service.add_endpoint("Work", here.url, FIRST, OWN[0].name),
            desk.service.add_endpoint("Work", there.url, SECOND, OWN[0].name),
        )
        assert {one.id, two.id} == {"work", "work-2"}
        for added in (one, two):
            assert (await desk.service.test(added.id)).ok
        assert [key_sent(exchange) for exchange in here.exchanges] == [FIRST]
        assert [key_sent(exchange) for exchange in there.exchanges] == [SECOND]


async def test_storing_a_key_takes_none_from_the_environment_that_is_not_its_own(tmp_path: Path) -> None:
    async with serving(OWN[0]) as server:
        odd = Endpoint(id="groq", name="Odd", base_url=server.url, vendor="openai")
        SettingsStore(tmp_path / "settings.json").save(Settings(endpoints=(odd,)))
        async with desk_in(tmp_path, {"GROQ_API_KEY": SECOND}) as desk:
            assert await desk.service.store_key("groq") is None
            assert (await desk.service.test("groq")).status == "no_key"
            assert server.exchanges == []


def test_a_reserved_id_is_for_no_account() -> None:
    with pytest.raises(ValueError, match="the id of another provider"):
        Settings(endpoints=(Endpoint(id="openai", name="x", base_url="", vendor="openai"),))


def test_an_account_speaks_its_vendors_dialect_wherever_it_is() -> None:
    spec = endpoint_spec(
        Endpoint(id="a", name="A", base_url="https://api.groq.com/openai/v1", vendor="anthropic")
    )
    assert (spec.dialect, spec.vendor, spec.needs_key) == ("anthropic", "anthropic", True)


async def test_presets_hold_every_vendor_once(desk: Desk) -> None:
    found = desk.service.presets()
    assert [one.group for one in found][:3] == ["account"] * 3
    assert found[-1].group == "other"
    ids = [one.id for one in found]
    assert len(set(ids)) == len(ids)
    assert {"openai", "gemini", "anthropic", "groq", "azure", "lmstudio", "other"} <= {*ids}
    assert all(one.base_url or one.example for one in found)
