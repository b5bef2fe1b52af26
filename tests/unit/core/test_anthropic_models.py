from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.core.providers.anthropic.models import read_model, rules_of
from tests.dialects import ANTHROPIC

ROW: dict[str, Any] = ANTHROPIC.models["data"][0]


@pytest.mark.parametrize(
    ("model", "limit", "thinking", "off"),
    [
        ("claude-fable-5-2", 128_000, "adaptive", None),
        ("claude-fable-5", 128_000, "adaptive", None),
        ("claude-opus-5-5", 128_000, "adaptive", None),
        ("claude-opus-5", 128_000, "adaptive", "disabled"),
        ("claude-sonnet-5-5", 128_000, "adaptive", "between_tools"),
        ("claude-haiku-5-5", 128_000, "adaptive", "disabled"),
        ("claude-opus-4-7-20260416", 128_000, "adaptive", ""),
        ("claude-sonnet-4-6", 128_000, "adaptive", ""),
        ("claude-opus-4-5-20251101", 64_000, "budget", ""),
        ("claude-haiku-4-5", 64_000, "budget", ""),
        ("claude-opus-4-1-20250805", 32_000, "budget", ""),
        ("claude-opus-4-20250514", 32_000, "budget", ""),
        ("claude-3-7-sonnet-latest", 64_000, "budget", ""),
        ("claude-3-5-sonnet-20241022", 8_192, "none", ""),
        ("claude-3-haiku-20240307", 4_096, "none", ""),
        ("anthropic/claude-opus-5-5", 128_000, "adaptive", None),
        ("claude-next-9", 128_000, "adaptive", None),
        ("glm-5", None, "none", ""),
    ],
)
def test_the_table_knows_each_generation(
    model: str, limit: int | None, thinking: str, off: str | None
) -> None:
    rules = rules_of(model)
    assert (rules.output_limit, rules.thinking, rules.off) == (limit, thinking, off)


def test_what_the_service_reports_is_what_is_known() -> None:
    read = read_model({**ROW, "retires_at": "2027-09-22T00:00:00Z", "lifecycle": "deprecated"}, "anthropic")
    assert read is not None
    info, _ = read
    assert (info.id, info.provider, info.display_name) == ("claude-opus-5-5", "anthropic", "Claude Opus 5.5")
    assert (info.context_window, info.output_limit) == (1_000_000, 128_000)
    assert (info.released_on, info.retires_on) == (date(2026, 9, 22), date(2027, 9, 22))
    assert info.capabilities == Capabilities(
        vision=True,
        audio=False,
        video=False,
        documents=True,
        tools=True,
        json_mode=True,
        json_schema=True,
        streaming=True,
        thinking=True,
        sampling=False,
        web_search=True,
        images_out=False,
        audio_out=False,
    )


def test_what_it_leaves_out_stays_unknown() -> None:
    read = read_model({"id": "glm-5", "created_at": "1970-01-01T00:00:00Z"}, "anthropic")
    assert read is not None
    info, rules = read
    assert (info.display_name, info.context_window, info.output_limit, info.released_on) == (
        "glm-5",
        None,
        None,
        None,
    )
    assert info.capabilities == Capabilities(
        audio=False, video=False, images_out=False, audio_out=False, streaming=True
    )
    assert rules == rules_of("glm-5")


@pytest.mark.parametrize(
    "row", [{}, {"id": ""}, {"id": 5}, {"id": "claude-3-opus-20240229", "lifecycle": "retired"}]
)
def test_what_cannot_be_asked_is_not_listed(row: dict[str, Any]) -> None:
    assert read_model(row, "anthropic") is None


def able(**flags: bool) -> dict[str, Any]:
    return {name: {"supported": flag} for name, flag in flags.items()}


@pytest.mark.parametrize(
    ("name", "types", "thinking", "off"),
    [
        ("claude-opus-5-5", able(adaptive=True, disabled=True), "adaptive", "disabled"),
        (
            "claude-opus-5",
            able(adaptive=True, disabled=False, between_tools=True),
            "adaptive",
            "between_tools",
        ),
        ("claude-opus-5", able(adaptive=True), "adaptive", None),
        ("claude-opus-4-8", able(adaptive=True, enabled=True, disabled=True), "adaptive", ""),
        ("claude-haiku-4-5", able(enabled=True, disabled=True), "budget", ""),
        ("claude-haiku-4-5", {}, "budget", ""),
    ],
)
def test_a_report_goes_before_the_table(name: str, types: Any, thinking: str, off: str | None) -> None:
    features = {
        "thinking": {"supported": True, "types": types},
        "effort": {"supported": True, **able(low=True, medium=False, high=True)},
        **able(structured_outputs=False),
    }
    read = read_model({"id": name, "max_tokens": 9, "capabilities": features}, "anthropic")
    assert read is not None
    rules = read[1]
    assert (rules.thinking, rules.off) == (thinking, off)
    assert (rules.output_limit, rules.efforts, rules.schemas) == (9, ("low", "high"), False)


def test_a_model_that_is_said_not_to_think_is_not_asked_to() -> None:
    features = able(thinking=False, effort=False)
    read = read_model({"id": "claude-opus-5-5", "capabilities": features}, "anthropic")
    assert read is not None
    assert (read[1].thinking, read[1].efforts, read[0].capabilities.thinking) == ("none", (), False)
