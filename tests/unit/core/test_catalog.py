from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from typing import Any

import msgspec
import pytest

from aiproxy_desktop.core.catalog import Catalog, bundled_catalog
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price

TODAY = date(2026, 11, 22)
TABLE: dict[str, Any] = {
    "version": "2026-11-22",
    "sources": ["somebody"],
    "flags": {"v": "vision", "t": "tools", "j": "json_mode", "i": "images_out", "d": "documents"},
    "families": [["*-vl*", "v", ""], ["llama3.2*", "t", "v"], ["llama3*", "", "v"]],
    "models": {
        "openai": {
            "gpt-9": {"c": 1000, "o": 100, "i": [1.5, None, 0.1], "y": "vt", "n": "d"},
            "gpt-8": {"c": 900, "r": "2026-11-22", "y": "t"},
            "gpt-7": {"c": 800, "r": "2027-01-01"},
            "gpt-image-9": {"i": [5.0], "y": "i", "k": "image"},
            "ft:gpt-9": {"c": 1000, "i": [3.0, 6.0]},
        },
        "anthropic": {"claude-5-5": {"c": 500, "y": "vd"}, "claude-3-latest": {"c": 200}},
    },
}


def catalog() -> Catalog:
    return Catalog(json.dumps(TABLE).encode(), today=TODAY)


def completed(provider: str, name: str, **facts: Any) -> ModelInfo:
    return catalog().complete(ModelInfo(name, provider, name, **facts))


def test_the_unknown_is_filled_in_and_stays_unknown_where_nobody_knows() -> None:
    model = completed("openai", "gpt-9")
    assert (model.context_window, model.output_limit, model.price) == (1000, 100, Price(1.5, None, 0.1))
    assert model.capabilities == Capabilities(vision=True, tools=True, documents=False, streaming=True)
    other = completed("openai", "gpt-unheard-of")
    assert (other.context_window, other.output_limit, other.price, other.retires_on) == (None,) * 4
    assert other.capabilities == Capabilities(streaming=True)


def test_what_the_provider_reports_wins() -> None:
    said = Capabilities(vision=False, audio=True)
    model = completed("openai", "gpt-9", context_window=7, price=Price(9.0, 9.0), capabilities=said)
    assert (model.context_window, model.output_limit, model.price) == (7, 100, Price(9.0, 9.0))
    assert (model.capabilities.vision, model.capabilities.audio, model.capabilities.tools) == (
        False,
        True,
        True,
    )


@pytest.mark.parametrize(
    ("provider", "name", "window"),
    [
        ("openai", "gpt-9-2026-04-23", 1000),
        ("openai", "models/gpt-9", 1000),
        ("openai", "gpt-9-latest", 1000),
        ("openai", "gpt-9@20260423", 1000),
        ("openai", "ft:gpt-9:acme::abc", 1000),
        ("anthropic", "claude-5-5-20260901", 500),
        ("anthropic", "claude-3", 200),
        ("openai", "gpt-9-mini", None),
        ("openai", "my-gpt-9", None),
        ("elsewhere", "gpt-9", None),
    ],
)
def test_later_names_of_the_same_model(provider: str, name: str, window: int | None) -> None:
    assert completed(provider, name).context_window == window


@pytest.mark.parametrize(
    "name", ["openai/gpt-9", "OpenAI/gpt-9:free", "accounts/x/openai/gpt-9-2026-04-23", "openai/gpt-9-latest"]
)
def test_another_hosts_name_tells_capabilities_but_neither_price_nor_limits(name: str) -> None:
    model = completed("openrouter", name)
    assert model.capabilities.vision
    assert model.capabilities.documents is False
    assert (model.price, model.context_window, model.output_limit) == (None, None, None)


def test_versions_that_routers_write_with_a_point() -> None:
    assert completed("openrouter", "anthropic/claude-5.5").capabilities.documents


@pytest.mark.parametrize(
    ("name", "vision", "tools"),
    [
        ("llama3.2:3b-instruct-q4_K_M", False, True),
        ("someone/Llama-3.2-3B-Instruct", False, True),
        ("llama3:latest", False, None),
        ("Qwen2.5-VL-7B", True, None),
        ("my-own-model", None, None),
    ],
)
def test_open_models_by_their_family(name: str, vision: bool | None, tools: bool | None) -> None:
    capabilities = completed("ollama", name).capabilities
    assert (capabilities.vision, capabilities.tools) == (vision, tools)


def test_where_the_own_row_is_silent_the_family_speaks() -> None:
    table = {**TABLE, "models": {"groq": {"llama-3.2-9b": {"c": 9, "y": "v"}}}}
    model = Catalog(json.dumps(table).encode()).complete(ModelInfo("llama-3.2-9b", "groq", "x"))
    assert (model.context_window, model.capabilities.vision, model.capabilities.tools) == (9, True, True)


def test_a_model_on_this_machine_costs_nothing() -> None:
    assert completed("ollama", "llama3:latest", local=True).price == Price(0.0, 0.0)
    assert completed("ollama", "llama3:latest").price is None


def test_what_is_still_listed_has_not_been_retired() -> None:
    assert completed("openai", "gpt-8").retires_on is None
    assert completed("openai", "gpt-7").retires_on == date(2027, 1, 1)
    assert completed("openai", "gpt-8", retires_on=date(2026, 1, 1)).retires_on == date(2026, 1, 1)
    assert catalog().describe("openai", "gpt-8").retires_on == TODAY


def test_completing_twice_changes_nothing() -> None:
    once = completed("openai", "gpt-9")
    assert catalog().complete(once) == once


def test_the_models_it_knows_of_a_provider() -> None:
    known = catalog()
    assert [model.id for model in known.models("openai")] == ["gpt-9", "gpt-8", "gpt-7", "ft:gpt-9"]
    (image,) = known.models("openai", "image")
    assert (image.id, image.capabilities.images_out, image.capabilities.streaming) == (
        "gpt-image-9",
        True,
        None,
    )
    assert known.models("nobody") == ()


def test_without_a_table_only_what_the_core_itself_does_is_known() -> None:
    empty = Catalog()
    assert empty.version is None
    assert empty.models("openai") == ()
    assert empty.complete(ModelInfo("llama3.2", "ollama", "x")).capabilities == Capabilities(streaming=True)


@pytest.mark.parametrize("content", [b"", b"{}", b'{"version": 1}', b"[]"])
def test_a_damaged_table_is_told(content: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Catalog(content)


def test_the_bundled_table_is_read_only_when_it_is_needed() -> None:
    code = (
        "import sys; from aiproxy_desktop.core.registry import Registry; Registry();"
        "print('aiproxy_desktop.core.catalog' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
    assert bundled_catalog() is bundled_catalog()
