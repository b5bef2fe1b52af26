from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.credentials import StaticCredentials
from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.http import HttpClient
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.providers.openai.dialect import COMPATIBLE
from aiproxy_desktop.core.providers.openai.listing import read_model
from aiproxy_desktop.core.providers.openai.provider import OFFICIAL, ChatDialect, OpenAICompatibleProvider
from aiproxy_desktop.core.providers.openai.vendors import vendor_by_id
from tests.wire import ByteServer, Reply


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient()
    yield client
    await client.aclose()


def provider(http: HttpClient, url: str, dialect: ChatDialect | None = None) -> OpenAICompatibleProvider:
    return OpenAICompatibleProvider(
        "mine", "Mine", url, http, StaticCredentials({}), needs_key=False, dialect=dialect
    )


def read(row: dict[str, Any], vendor: str = "") -> ModelInfo:
    found = vendor_by_id(vendor)
    model = read_model(row, vendor or "mine", found.dialect if found else COMPATIBLE, local=False)
    assert model is not None
    return model


LISTED = [
    *("gpt-5.4", "gpt-5.5-mini", "gpt-6-astra", "o3-mini", "chatgpt-4o-latest", "gpt-4o-search-preview"),
    *("ft:gpt-4.1:me::x", "gpt-5-codex"),
]
LEFT_OUT = [
    *("text-embedding-3-small", "omni-moderation-latest", "babbage-002", "gpt-3.5-turbo-instruct"),
    *("whisper-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-transcribe", "gpt-audio", "gpt-realtime-2.1-mini"),
    *("dall-e-3", "gpt-image-2", "chatgpt-image-latest", "sora-2"),
    *("computer-use-preview", "o3-deep-research"),
]


async def test_openais_list_without_what_cannot_chat(http: HttpClient) -> None:
    rows = [{"id": name, "object": "model"} for name in LISTED + LEFT_OUT]
    async with ByteServer(Reply.json({"object": "list", "data": rows})) as server:
        models = await provider(http, server.url, OFFICIAL).list_models()
    assert [model.id for model in models] == LISTED


async def test_a_compatible_servers_list(http: HttpClient) -> None:
    rows: list[Any] = [
        {"id": "codex-of-mine", "context_length": 8192, "name": "My Codex"},
        {"id": "mistral", "max_context_length": 32768, "capabilities": {"completion_chat": True}},
        {"id": "mistral-ocr", "capabilities": {"completion_chat": False}},
        {"id": "painter", "architecture": {"output_modalities": ["image"]}},
        {"id": "nomic-embed-text"},
        {"id": "mistral", "max_context_length": 32768, "capabilities": {"completion_chat": True}},
        {"name": "no id"},
        "odd",
    ]
    for body in ({"data": rows}, rows):
        async with ByteServer(Reply.json(body)) as server:
            models = await provider(http, server.url).list_models()
        assert [(model.id, model.display_name, model.context_window) for model in models] == [
            ("codex-of-mine", "My Codex", 8192),
            ("mistral", "mistral", 32768),
        ]


@pytest.mark.parametrize("body", [{"data": None}, "text", 5, {"object": "list"}])
async def test_what_is_no_list(http: HttpClient, body: Any) -> None:
    async with ByteServer(Reply.json(body)) as server:
        with pytest.raises(ProtocolError):
            await provider(http, server.url).list_models()


def test_openai_tells_when_a_model_came_and_when_it_goes() -> None:
    row = {"id": "gpt-5", "created": 1754425777, "shutdown_date": "2026-12-11", "owned_by": "system"}
    model = read_model(row, "openai", OFFICIAL, local=False)
    assert model is not None
    assert (model.released_on, model.retires_on) == (date(2025, 8, 5), date(2026, 12, 11))
    assert model.capabilities == Capabilities()
    assert model.price is None


def test_openrouters_row() -> None:
    row = {
        "id": "maker/painter",
        "name": "Maker: Painter",
        "description": "Paints.",
        "created": 1754425777,
        "context_length": 400000,
        "architecture": {
            "input_modalities": ["text", "image", "file"],
            "output_modalities": ["image", "text"],
        },
        "pricing": {"prompt": "0.00000125", "completion": "0.00001", "input_cache_read": "0.000000125"},
        "top_provider": {"max_completion_tokens": 128000},
        "supported_parameters": ["tools", "response_format", "reasoning", "max_tokens"],
        "expiration_date": None,
    }
    model = read(row, "openrouter")
    assert model.price == Price(1.25, 10.0, 0.125)
    assert (model.context_window, model.output_limit) == (400000, 128000)
    assert model.description == "Paints."
    assert model.released_on == date(2025, 8, 5)
    assert model.capabilities == Capabilities(
        vision=True,
        audio=False,
        video=False,
        documents=True,
        tools=True,
        json_mode=True,
        json_schema=False,
        thinking=True,
        sampling=False,
        web_search=False,
        images_out=True,
        audio_out=False,
    )


@pytest.mark.parametrize(
    ("row", "price"),
    [
        ({"pricing": {"prompt": "-1", "completion": "-1"}}, None),
        ({"pricing": {"prompt": "0", "completion": "0"}}, Price(0.0, 0.0)),
        ({"pricing": {"input": 0.88, "output": 1.2, "hourly": 0}}, Price(0.88, 1.2)),
        ({"pricing": {"input": 0, "output": 0}}, None),
        ({"prompt_text_token_price": 30000, "completion_text_token_price": 150000}, Price(3.0, 15.0)),
        ({"pricing": {"prompt": "free", "completion": None}}, None),
        ({"pricing": {"prompt": "nan", "completion": "inf"}}, None),
    ],
)
def test_each_way_to_tell_a_price(row: dict[str, Any], price: Price | None) -> None:
    assert read({"id": "m", **row}).price == price


@pytest.mark.parametrize(
    ("row", "capabilities"),
    [
        (
            {"capabilities": {"completion_chat": True, "function_calling": True, "vision": False}},
            Capabilities(tools=True, vision=False),
        ),
        ({"supports_chat": True, "supports_image_input": True, "supports_tools": False},
         Capabilities(vision=True, tools=False)),
        ({"type": "vlm", "capabilities": ["tool_use"]}, Capabilities(vision=True, tools=True)),
        ({"type": "llm"}, Capabilities()),
        (
            {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
            Capabilities(vision=True, audio=False, video=False, documents=False, images_out=False,
                         audio_out=False),
        ),
    ],
)  # fmt: skip
def test_each_way_to_tell_what_a_model_can(row: dict[str, Any], capabilities: Capabilities) -> None:
    assert read({"id": "m", **row}).capabilities == capabilities


@pytest.mark.parametrize(
    "row", [{"type": "embedding"}, {"type": "image"}, {"supports_chat": False}, {"active": False}]
)
def test_what_a_list_says_does_not_chat_is_left_out(row: dict[str, Any]) -> None:
    assert read_model({"id": "m", **row}, "mine", COMPATIBLE, local=False) is None


def test_llama_cpp_tells_its_context_and_size() -> None:
    row = {"id": "m", "created": 1790000000, "meta": {"n_ctx_train": 131072, "size": 5_000_000_000}}
    model = read(row, "llamacpp")
    assert (model.context_window, model.size_bytes) == (131072, 5_000_000_000)
    assert model.released_on is None, "it is the time at which the server was asked"


def test_mistral_tells_when_a_model_goes() -> None:
    assert read({"id": "m", "deprecation": "2027-01-31T12:00:00Z"}, "mistral").retires_on == date(2027, 1, 31)


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KEYS = (
    *("architecture", "capabilities", "context_length", "created", "description", "meta", "name", "pricing"),
    *("shutdown_date", "supported_parameters", "top_provider", "type", "prompt_text_token_price", "active"),
)


@given(st.dictionaries(st.sampled_from(KEYS), odd))
def test_any_row_is_read(row: dict[str, Any]) -> None:
    model = read_model({"id": "m", **row}, "mine", OFFICIAL, local=False)
    assert model is None or (model.id == "m" and isinstance(model.display_name, str))
