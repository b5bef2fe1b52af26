from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from aiproxy_desktop.core.credentials import EnvironmentCredentials, StaticCredentials
from aiproxy_desktop.core.endpoints import parse_base_url
from aiproxy_desktop.core.errors import AuthenticationError, InvalidEndpointError, MissingKeyError
from aiproxy_desktop.core.events import Finished, TextDelta
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, Message
from aiproxy_desktop.core.providers.openai.vendors import VENDORS, Vendor, build_vendor, vendor_by_id
from tests.dialects import OPENAI
from tests.wire import ByteServer, Reply

REQUEST = CompletionRequest("m", (Message.of("user", "Hi"),))
each_vendor = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.id)


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def row(name: str) -> Vendor:
    vendor = vendor_by_id(name)
    assert vendor is not None
    return vendor


def test_ids_are_such_and_unique() -> None:
    ids = [vendor.id for vendor in VENDORS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+", name) for name in ids)
    assert not {"openai", "gemini", "ollama", "anthropic", "builtin"} & set(ids)
    assert vendor_by_id("nobody") is None


@each_vendor
def test_a_row_is_sound(vendor: Vendor) -> None:
    if vendor.base_url:
        assert parse_base_url(vendor.base_url) == vendor.base_url
        assert vendor.base_url.startswith("http://127.0.0.1:" if vendor.local else "https://")
    assert vendor.key_variables or not vendor.needs_key
    assert vendor.needs_key is not vendor.local


@each_vendor
async def test_each_vendor_answers_and_gets_its_key(vendor: Vendor, http: HttpClient) -> None:
    keys = StaticCredentials({vendor.id: "sk-1"})
    async with ByteServer(OPENAI.reply(OPENAI.text("Hi"), OPENAI.finish("stop"))) as server:
        provider = build_vendor(vendor, http, keys, f"{server.url}{vendor.endpoint_path}/")
        events = [event async for event in provider.stream(REQUEST)]
        (exchange,) = server.exchanges
    assert (provider.id, provider.label) == (vendor.id, vendor.label)
    assert TextDelta("Hi") in events
    assert events[-1] == Finished("stop")
    assert exchange.path == f"{vendor.endpoint_path}/chat/completions"
    assert "sk-1" in {value.removeprefix("Bearer ") for value in exchange.headers.values()}


@each_vendor
async def test_a_missing_key_names_its_variable(vendor: Vendor, http: HttpClient) -> None:
    provider = build_vendor(vendor, http, EnvironmentCredentials({}), "http://127.0.0.1:1/v1")
    if vendor.needs_key:
        with pytest.raises(MissingKeyError, match=vendor.key_variables[0]):
            await provider.list_models()


async def test_azure_is_asked_at_its_own_address_with_its_own_header(http: HttpClient) -> None:
    azure = row("azure")
    assert azure.base_url_from({"AZURE_OPENAI_ENDPOINT": " https://me.openai.azure.com/ "}) == (
        "https://me.openai.azure.com/openai/v1"
    )
    assert azure.base_url_from({}) == ""
    with pytest.raises(InvalidEndpointError, match="AZURE_OPENAI_ENDPOINT"):
        build_vendor(azure, http, StaticCredentials({}))
    async with ByteServer(Reply.json({"data": [{"id": "gpt-5.4"}]})) as server:
        await build_vendor(azure, http, StaticCredentials({"azure": "k1"}), server.url).list_models()
        (exchange,) = server.exchanges
    assert exchange.path == "/openai/v1/models"
    assert exchange.headers["api-key"] == "k1"
    assert "authorization" not in exchange.headers


async def test_a_local_server_needs_no_key_and_is_local_only_here(http: HttpClient) -> None:
    async with ByteServer(Reply.json({"data": [{"id": "m"}]})) as server:
        provider = build_vendor(row("lmstudio"), http, StaticCredentials({}), f"{server.url}/v1")
        (model,) = await provider.list_models()
        assert "authorization" not in server.exchanges[0].headers
    assert model.local
    assert model.reference == "lmstudio:m"


@pytest.mark.parametrize("vendor", [one for one in VENDORS if one.local], ids=lambda vendor: vendor.id)
def test_the_path_of_a_local_server_may_be_left_out(vendor: Vendor) -> None:
    for given in ("http://gpu:8000", "http://gpu:8000/", " http://gpu:8000/v1 "):
        assert vendor.completed(given) == "http://gpu:8000/v1"
    assert vendor.completed("gpu:8000") == "gpu:8000/v1"
    assert vendor.completed("https://gate.example/llm") == "https://gate.example/llm"


async def test_xai_lists_where_the_prices_are(http: HttpClient) -> None:
    price = {"prompt_text_token_price": 30000, "completion_text_token_price": 150000}
    async with ByteServer(Reply.json({"models": [{"id": "grok-4.3", **price}]})) as server:
        (model,) = await build_vendor(
            row("xai"), http, StaticCredentials({"xai": "k"}), server.url
        ).list_models()
        assert server.exchanges[0].path == "/language-models"
    assert model.price is not None
    assert (model.price.input, model.price.output) == (3.0, 15.0)


@pytest.mark.parametrize("status", [404, 401])
async def test_where_xai_has_no_list_of_its_own_the_usual_one_is_read(http: HttpClient, status: int) -> None:
    gone = Reply.json({"error": "Not found"}, status)
    async with ByteServer(gone, Reply.json({"data": [{"id": "grok-4.3"}]})) as server:
        provider = build_vendor(row("xai"), http, StaticCredentials({"xai": "k"}), server.url)
        if status == 404:
            assert [model.id for model in await provider.list_models()] == ["grok-4.3"]
            assert server.paths == ["/language-models", "/models"]
        else:
            with pytest.raises(AuthenticationError):
                await provider.list_models()
            assert server.paths == ["/language-models"]
