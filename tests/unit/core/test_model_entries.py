from __future__ import annotations

import copy
import json
import pickle
from datetime import date
from typing import Any

from aiproxy_desktop.core.model_entries import UNKNOWN_LIMIT, model_entry
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price

KNOWN = ModelInfo(
    "gpt-9",
    "openai",
    "GPT 9",
    context_window=128_000,
    output_limit=4096,
    capabilities=Capabilities(vision=True, tools=False),
    price=Price(1.0, 2.0),
    retires_on=date(2027, 1, 14),
)


def test_the_seeds_keys_and_ours() -> None:
    entry = model_entry(KNOWN)
    assert {name: entry[name] for name in ("id", "name", "provider", "context_limit", "status")} == {
        "id": "gpt-9",
        "name": "GPT 9",
        "provider": "openai",
        "context_limit": 128_000,
        "status": "available",
    }
    capabilities = entry["capabilities"]
    assert (capabilities["multimodal"], capabilities["tools"], capabilities["audio"]) == (True, False, None)
    assert (entry["price_input"], entry["price_output"], entry["price_cached_input"]) == (1.0, 2.0, None)
    assert (entry["output_limit"], entry["retires_on"], entry["reference"]) == (
        4096,
        "2027-01-14",
        "openai:gpt-9",
    )


def test_every_model_can_be_shown_as_the_seed_shows_it_and_as_json() -> None:
    for model in (KNOWN, ModelInfo("x", "y", "X")):
        entry = model_entry(model)
        shown = f"{entry['id']} ({entry['provider']}) - {entry['context_limit']:,} tokens"
        assert shown in {"gpt-9 (openai) - 128,000 tokens", "x (y) - unknown tokens"}
        assert json.loads(json.dumps(entry)) == entry


def test_an_unknown_limit_says_so_and_satisfies_nothing() -> None:
    assert not UNKNOWN_LIMIT
    assert (
        f"{UNKNOWN_LIMIT}|{UNKNOWN_LIMIT:,}|{UNKNOWN_LIMIT:>9,d}|{UNKNOWN_LIMIT!s}"
        == "unknown|unknown|  unknown|unknown"
    )
    assert json.dumps(UNKNOWN_LIMIT) == '"unknown"'
    assert not UNKNOWN_LIMIT >= 32_000
    assert not UNKNOWN_LIMIT > 0
    assert UNKNOWN_LIMIT < 1
    assert UNKNOWN_LIMIT <= 0
    assert max(0, UNKNOWN_LIMIT) == 0
    limits: list[Any] = [7, UNKNOWN_LIMIT, 3]
    assert sorted(limits) == [UNKNOWN_LIMIT, 3, 7]
    assert max(limits) == 7
    assert 0 not in limits


def test_it_can_be_copied_and_pickled() -> None:
    for again in (copy.deepcopy(UNKNOWN_LIMIT), pickle.loads(pickle.dumps(UNKNOWN_LIMIT))):
        assert again == UNKNOWN_LIMIT
        assert not again
