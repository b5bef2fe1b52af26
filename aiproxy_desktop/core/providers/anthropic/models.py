"""What each Claude model takes, as data, and what Anthropic's own list says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.core.models import Capabilities, ModelInfo

Thinking: TypeAlias = Literal["adaptive", "budget", "none"]
ThinkingOff: TypeAlias = Literal["", "disabled", "between_tools"]

# From little to much.
EFFORTS: tuple[Effort, ...] = ("low", "medium", "high", "xhigh", "max")
_TO_HIGH: tuple[Effort, ...] = ("low", "medium", "high")
_WAYS = ("adaptive", "enabled", "disabled", "between_tools")
_NO_XHIGH: tuple[Effort, ...] = ("low", "medium", "high", "max")

# Names of the models before the fourth generation hold the generation first.
_OWN_NAMES = "*claude*"


@dataclass(frozen=True, slots=True)
class ModelRules:
    """What a model takes.

    `thinking` is how it is asked to think: as it sees fit under an effort, or with a budget of tokens.
    `off` is the type of `thinking` that keeps it from doing so; "" where it thinks only when asked to,
    None where nothing does. `efforts` are the levels it takes, none where it knows no effort.
    """

    output_limit: int | None
    thinking: Thinking
    off: ThinkingOff | None
    efforts: tuple[Effort, ...]
    sampling: bool
    forced_tools: bool
    schemas: bool


# Claude of the fifth generation; a newer one that the table does not know is taken for the strictest of
# them. A model of another maker behind an address that speaks this dialect gets what was asked for.
_NEWEST = ModelRules(128_000, "adaptive", None, EFFORTS, sampling=False, forced_tools=False, schemas=True)
_FOREIGN = ModelRules(None, "none", "", EFFORTS, sampling=True, forced_tools=True, schemas=True)
_FIFTH = replace(_NEWEST, off="disabled", forced_tools=True)
_FOURTH = ModelRules(64_000, "budget", "", (), sampling=True, forced_tools=True, schemas=True)
_THIRD = ModelRules(8_192, "none", "", (), sampling=True, forced_tools=True, schemas=False)

# The first pattern that fits wins. From the migration guides and the pages on thinking, effort, structured
# outputs and tool choice at platform.claude.com, read in November 2026, and `types/model.py` of anthropic
# 2.14.0; limits and forced tools checked against litellm's table 1.110.2.
_TABLE: tuple[tuple[str, ModelRules], ...] = (
    ("*claude-fable-5-*", _NEWEST),
    ("*claude-mythos-5-*", _NEWEST),
    ("*claude-opus-5-5*", _NEWEST),
    ("*claude-sonnet-5-5*", replace(_NEWEST, off="between_tools")),
    ("*claude-haiku-5-5*", _FIFTH),
    ("*claude-fable-5*", replace(_FIFTH, off=None)),
    ("*claude-mythos-5*", replace(_FIFTH, off=None)),
    ("*claude-mythos-preview*", replace(_FIFTH, off=None, efforts=_NO_XHIGH)),
    ("*claude-opus-5*", _FIFTH),
    ("*claude-sonnet-5*", _FIFTH),
    ("*claude-opus-4-[78]*", replace(_FIFTH, off="")),
    ("*claude-opus-4-6*", replace(_FIFTH, off="", efforts=_NO_XHIGH, sampling=True)),
    ("*claude-sonnet-4-6*", replace(_FIFTH, off="", efforts=_NO_XHIGH, sampling=True)),
    ("*claude-opus-4-5*", replace(_FOURTH, efforts=_TO_HIGH)),
    ("*claude-sonnet-4-5*", _FOURTH),
    ("*claude-haiku-4-5*", _FOURTH),
    ("*claude-opus-4-1*", replace(_FOURTH, output_limit=32_000)),
    ("*claude-opus-4*", replace(_FOURTH, output_limit=32_000, schemas=False)),
    ("*claude-sonnet-4*", replace(_FOURTH, schemas=False)),
    ("*claude-3-7-*", replace(_FOURTH, schemas=False)),
    ("*claude-3-5-*", _THIRD),
    ("*claude-3-*", replace(_THIRD, output_limit=4_096)),
    (_OWN_NAMES, _NEWEST),
    ("*", _FOREIGN),
)


def rules_of(model: str) -> ModelRules:
    """What the table says of a model."""
    return next(rules for pattern, rules in _TABLE if fnmatchcase(model, pattern))


def read_model(row: Mapping[str, Any], provider: str) -> tuple[ModelInfo, ModelRules] | None:
    """A model of the list, and what it takes; None for one that cannot be used (any more).

    `row` is a `ModelInfo` of anthropic 2.14.0. Older servers say less, and what they leave out is taken
    from the table for Claude models and stays unknown for others.
    """
    name = row.get("id")
    if not isinstance(name, str) or not name or row.get("lifecycle") == "retired":
        return None
    shown = row.get("display_name")
    reported = row.get("capabilities")
    features = reported if isinstance(reported, Mapping) else {}
    rules = _reported_rules(name, row, features)
    info = ModelInfo(
        name,
        provider,
        shown if isinstance(shown, str) and shown else name,
        context_window=_size(row.get("max_input_tokens")),
        output_limit=_size(row.get("max_tokens")),
        capabilities=_capabilities(name, features, rules),
        released_on=_day(row.get("created_at")),
        retires_on=_day(row.get("retires_at")),
    )
    return info, rules


def _capabilities(name: str, features: Mapping[str, Any], rules: ModelRules) -> Capabilities:
    """What the service reports; what no model of this dialect can do is known without it."""
    claude = fnmatchcase(name, _OWN_NAMES)
    schemas = _supported(features.get("structured_outputs"))
    reported = Capabilities(
        vision=_supported(features.get("image_input")),
        documents=_supported(features.get("pdf_input")),
        json_mode=schemas,
        json_schema=schemas,
        thinking=_supported(features.get("thinking")),
        web_search=_supported(_part(features.get("server_tools"), "web_search")),
        audio=False,
        video=False,
        images_out=False,
        audio_out=False,
        streaming=True,
    )
    if not claude:
        return reported
    known = Capabilities(
        tools=True, sampling=rules.sampling, json_schema=rules.schemas, thinking=rules.thinking != "none"
    )
    return reported.over(known)


def _reported_rules(name: str, row: Mapping[str, Any], features: Mapping[str, Any]) -> ModelRules:
    """The table's rules, overlaid with what the service says of the model itself."""
    rules = rules_of(name)
    limit = _size(row.get("max_tokens"))
    if limit is not None:
        rules = replace(rules, output_limit=limit)
    schemas = _supported(features.get("structured_outputs"))
    if schemas is not None:
        rules = replace(rules, schemas=schemas)
    effort = features.get("effort")
    if _supported(effort) is not None:
        levels = tuple(level for level in EFFORTS if _supported(_part(effort, level)))
        rules = replace(rules, efforts=levels if _supported(effort) else ())
    return _reported_thinking(rules, features.get("thinking"))


def _reported_thinking(rules: ModelRules, reported: Any) -> ModelRules:
    able = _supported(reported)
    if able is None:
        return rules
    if not able:
        return replace(rules, thinking="none", off="")
    types = _part(reported, "types")
    ways = {
        way for way in ("adaptive", "enabled", "disabled", "between_tools") if _supported(_part(types, way))
    }
    if ways.isdisjoint({"adaptive", "enabled"}):
        return rules
    # Whether a model thinks unasked is not reported: where it can be kept from it, the table decides.
    off: ThinkingOff | None = "disabled" if rules.off is None else rules.off
    if off != "" or "disabled" not in ways:
        off = next((way for way in ("disabled", "between_tools") if way in ways), None)
    return replace(rules, thinking="adaptive" if "adaptive" in ways else "budget", off=off)


def _supported(value: Any) -> bool | None:
    found = _part(value, "supported")
    return found if isinstance(found, bool) else None


def _part(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, Mapping) else None


def _size(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _day(value: Any) -> date | None:
    """The day of an RFC 3339 time; the epoch stands for an unknown one."""
    if not isinstance(value, str):
        return None
    try:
        day = datetime.fromisoformat(value).date()
    except ValueError:
        return None
    return day if day.year > 1970 else None
