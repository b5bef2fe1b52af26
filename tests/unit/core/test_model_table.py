"""The table in the tree, and the script that builds it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from aiproxy_desktop.core.catalog import bundled_catalog
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.resources_dir import resources_dir

FOLDER = resources_dir() / "model_table"

# Ids that the providers' own documentation and clients name, as of the table's date.
TEXT = {
    "openai": (
        "gpt-6-astra gpt-6.2-astra gpt-6.1-sol gpt-6.2-sol gpt-6.1-terra gpt-6-sol gpt-6-luna gpt-5.6-sol "
        "gpt-5.6-terra gpt-5.6-luna gpt-5.5 gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5 gpt-5-mini gpt-5-nano o3 "
        "gpt-4o gpt-4o-mini gpt-4.1 gpt-4.1-mini"
    ),
    "gemini": (
        "gemini-3.8-flash gemini-3.7-flash gemini-3.6-flash gemini-3.5-flash gemini-3.5-flash-lite "
        "gemini-3.1-flash-lite gemini-3.1-pro-preview gemini-4-argon gemini-4-carbon gemini-4-hydrogen "
        "gemini-flash-latest gemini-pro-latest gemini-flash-lite-latest gemini-3.1-flash-image "
        "gemini-3.1-flash-lite-image gemini-3-pro-image gemini-nano-banana-2.1"
    ),
    "anthropic": "claude-opus-5-5 claude-sonnet-5-5 claude-haiku-5-5",
}
IMAGES = (
    "gpt-image-2 gpt-image-2.5-sunburst gpt-image-2.5-flare gpt-image-2.6-sunburst gpt-image-2.6-flare "
    "gpt-image-1 gpt-image-1-mini gpt-image-1.5 dall-e-2 dall-e-3"
)
ENDS = {
    "gpt-5": "2026-12-11",
    "gpt-5-mini": "2026-12-11",
    "gpt-5-nano": "2026-12-11",
    "o3": "2026-12-11",
    "gpt-4o": "2027-01-14",
    "gpt-4o-mini": "2027-01-14",
    "gpt-4.1": "2027-01-14",
    "gpt-4.1-mini": "2027-01-14",
    "dall-e-2": "2026-05-12",
    "dall-e-3": "2026-05-12",
    "gpt-image-1": "2026-10-23",
    "gpt-image-1-mini": "2026-12-01",
    "gpt-image-1.5": "2026-12-01",
}


def table() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FOLDER / "table.json").read_bytes())
    return content


@pytest.mark.parametrize("provider", TEXT)
def test_every_documented_model_is_known(provider: str) -> None:
    known = {model.id for model in bundled_catalog().models(provider)}
    assert set(TEXT[provider].split()) <= known


def test_image_models_are_known_apart() -> None:
    catalog = bundled_catalog()
    known = {model.id: model for model in catalog.models("openai", "image")}
    assert set(IMAGES.split()) <= set(known)
    assert all(model.capabilities.images_out for model in known.values())
    assert not set(known) & {model.id for model in catalog.models("openai")}
    assert catalog.describe("openai", "gpt-image-2-2026-04-21").capabilities.images_out


@pytest.mark.parametrize(("model", "day"), ENDS.items())
def test_dates_of_retirement(model: str, day: str) -> None:
    assert bundled_catalog().describe("openai", model).retires_on == date.fromisoformat(day)


def test_nothing_is_free_and_no_limit_is_zero() -> None:
    for rows in table()["models"].values():
        for name, row in rows.items():
            assert all(price is None or price > 0 for price in row.get("i", ())), name
            assert row.get("c", 1) > 0, name
            assert row.get("o", 1) > 0, name


def test_it_is_well_formed_sorted_and_small() -> None:
    content = table()
    assert set(content["flags"].values()) <= {one.name for one in fields(Capabilities)}
    for rows in content["models"].values():
        assert list(rows) == sorted(rows)
        for name, row in rows.items():
            yes, no = set(row.get("y", "")), set(row.get("n", ""))
            assert yes | no <= set(content["flags"]), name
            assert not yes & no, name
    for pattern, yes, no in content["families"]:
        assert not set(yes) & set(no), pattern
    assert (FOLDER / "table.json").stat().st_size < 200_000
    assert date.fromisoformat(content["version"]) == bundled_catalog().version


def test_its_sources_are_named_with_their_licences() -> None:
    notice = (FOLDER / "NOTICE.txt").read_text(encoding="utf-8")
    third_party = (resources_dir().parent / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for source in ("litellm", "genai-prices"):
        assert source in notice
        assert source in third_party
    assert notice.count("Permission is hereby granted") == 2


@pytest.mark.parametrize(
    ("name", "able", "unable"),
    [
        ("llama3.2:3b-instruct-q4_K_M", {"tools"}, {"vision"}),
        ("llama3.2-vision:11b", {"vision"}, {"audio"}),
        ("qwen3:8b", {"tools", "thinking"}, {"vision"}),
        ("qwen2.5vl:7b", {"vision"}, {"audio"}),
        ("Qwen/Qwen3-VL-8B-Instruct", {"vision", "tools"}, set()),
        ("gemma3:1b", set(), {"vision"}),
        ("gemma3:12b", {"vision"}, {"audio"}),
        ("gpt-oss:20b", {"tools", "thinking"}, {"vision"}),
        ("deepseek-r1:7b", {"thinking"}, {"vision"}),
        ("llama2", set(), {"tools", "vision"}),
        ("mistral-small3.2:24b", {"vision", "tools"}, {"audio"}),
        ("my-fine-tune", set(), set()),
    ],
)
def test_families_of_open_models(name: str, able: set[str], unable: set[str]) -> None:
    known = bundled_catalog().complete(ModelInfo(name, "ollama", name)).capabilities.as_dict()
    assert all(known[one] is True for one in able)
    assert all(known[one] is False for one in unable)


LITELLM = {
    "gpt-9": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 900,
        "max_output_tokens": 100,
        "input_cost_per_token": 2e-06,
        "output_cost_per_token": 8e-06,
        "supports_vision": True,
        "supports_function_calling": False,
        "supported_modalities": ["text", "image"],
        "deprecation_date": "2027-01-14",
    },
    "gpt-9-2026-01-01": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 4},
    "gpt-8": {
        "litellm_provider": "openai",
        "mode": "chat",
        "max_input_tokens": 10,
        "input_cost_per_token": 0,
    },
    "gpt-8-2026-01-01": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 10},
    "gpt-embed": {"litellm_provider": "openai", "mode": "embedding"},
    "groq/fast": {"litellm_provider": "groq", "mode": "chat", "input_cost_per_token": 1e-07},
    "elsewhere/thing": {"litellm_provider": "elsewhere", "mode": "chat"},
}
PRICES = """
import datetime
from decimal import Decimal
from .types import *
providers: list[Provider] = [
    Provider(id='openai', models=[
        ModelInfo(id='gpt-9', match=ClauseOr(or_=[ClauseEquals(equals='gpt-9')]), context_window=1000,
            prices=[
                ConditionalPrice(prices=ModelPrice(input_mtok=Decimal('1'), output_mtok=Decimal('8'))),
                ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date(2026, 2, 1)),
                    prices=ModelPrice(input_mtok=TieredPrices(base=Decimal('2'), tiers=[]),
                        output_mtok=Decimal('9'), cache_read_mtok=Decimal('0.2'))),
                ConditionalPrice(constraint=StartDateConstraint(start_date=datetime.date(2099, 1, 1)),
                    prices=ModelPrice(input_mtok=Decimal('7'), output_mtok=Decimal('7'))),
            ]),
        ModelInfo(id='gpt-8', match=ClauseStartsWith(starts_with='gpt-8'), context_window=500),
        ModelInfo(id='gpt-4-old', match=ClauseRegex(regex='^gpt-4-o'), context_window=77,
            prices=ModelPrice(input_mtok=Decimal('0'), output_mtok=Decimal('3'))),
    ]),
]
"""


def build(folder: Path) -> tuple[bytes, str]:
    first, second = folder / "litellm-9.8.7-py3.whl", folder / "genai_prices-1.2.3-py3.whl"
    with ZipFile(first, "w") as wheel:
        wheel.writestr("litellm/model_prices_and_context_window_backup.json", json.dumps(LITELLM))
        wheel.writestr("litellm/__init__.py", "raise SystemExit('imported')")
    with ZipFile(second, "w") as wheel:
        wheel.writestr("genai_prices/data.py", PRICES)
    added = {
        "source": "us",
        "models": {"openai": {"gpt-10": {}, "gpt-8": {"r": "2026-12-31"}}},
        "families": [["llama*", "t", "v"]],
    }
    (folder / "added.json").write_text(json.dumps(added))
    out = folder / "out.json"
    command = [
        sys.executable,
        str(FOLDER / "build.py"),
        "--litellm",
        str(first),
        "--genai-prices",
        str(second),
    ]
    command += ["--date", "2026-11-22", "--additions", str(folder / "added.json"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return out.read_bytes(), done.stderr


def test_the_table_is_built_from_both_wheels_and_what_is_added(tmp_path: Path) -> None:
    content, told = build(tmp_path)
    built = json.loads(content)
    assert built["models"]["openai"] == {
        "gpt-10": {},
        "gpt-4-old": {"c": 77, "i": [None, 3.0]},
        "gpt-8": {"r": "2026-12-31"},
        # 900 in and 100 out are the 1,000 of the other; of two prices for what comes out, neither.
        "gpt-9": {"c": 1000, "i": [2.0, None, 0.2], "n": "aft", "o": 100, "r": "2027-01-14", "y": "v"},
        "gpt-9-2026-01-01": {"c": 4},
    }
    assert built["models"]["groq"] == {"fast": {"i": [0.1]}}
    assert "elsewhere" not in built["models"]
    assert built["version"] == "2026-11-22"
    assert built["sources"] == ["litellm 9.8.7 (MIT)", "genai-prices 1.2.3 (MIT)", "us"]
    assert "openai:gpt-9: output_cost_per_token: litellm 8, genai-prices 9" in told
    assert "openai:gpt-8: context window: litellm 10, genai-prices 500" in told


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    assert build(tmp_path) == build(tmp_path)
