"""Who said what of a model: its provider, or the bundled table, field by field. Values only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from aiproxy_desktop.core.models import UNKNOWN_CAPABILITIES, Capabilities, ModelInfo, Price

# Who a model is rather than what is known of it.
_IDENTITY = frozenset({"id", "provider", "display_name", "local"})


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of `ModelInfo`, those of its parts after a point ("price.input"), and its value."""

    field: str
    value: Any


@dataclass(frozen=True, slots=True)
class SourcedFacts:
    """All that is known of a model, by who said it, and the fields of which nobody said anything."""

    table: tuple[Fact, ...] = ()
    provider: tuple[Fact, ...] = ()
    unknown: tuple[str, ...] = ()


def sourced(model: ModelInfo, reported: ModelInfo | None, described: ModelInfo) -> SourcedFacts:
    """Tell what the provider said of a model from what the table added.

    Args:
        model: completed from the table.
        reported: as the provider itself described it; None where that was not kept. Then whatever agrees
            with the table is the table's.
        described: what the table alone says of it.
    """
    own = None if reported is None else _flat(reported)
    tabled = _flat(described)
    table: list[Fact] = []
    provider: list[Fact] = []
    for name, value in _flat(model).items():
        from_table = tabled.get(name) == value if own is None else name not in own
        # That this machine costs nothing is not in the table.
        from_table = from_table and not (model.local and name.startswith("price."))
        (table if from_table else provider).append(Fact(name, value))
    known = {fact.field for fact in (*table, *provider)}
    unknown = tuple(name for name in _names(ModelInfo) if name not in known)
    return SourcedFacts(tuple(table), tuple(provider), unknown)


def _flat(model: ModelInfo) -> Mapping[str, Any]:
    """What is known, by field."""
    return {name: value for name, value in _values(model) if value is not None and value != ""}


def _values(part: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for field in fields(part):
        value = getattr(part, field.name)
        if not prefix and field.name in _IDENTITY:
            continue
        if is_dataclass(value):
            yield from _values(value, f"{field.name}.")
        else:
            yield f"{prefix}{field.name}", value


def _names(kind: type) -> tuple[str, ...]:
    """Every field that a model can have, prices and capabilities by their own names."""
    parts: dict[str, Capabilities | Price] = {"capabilities": UNKNOWN_CAPABILITIES, "price": Price()}
    found: list[str] = []
    for field in fields(kind):
        if field.name in parts:
            found += [f"{field.name}.{one.name}" for one in fields(parts[field.name])]
        elif field.name not in _IDENTITY:
            found.append(field.name)
    return tuple(found)
