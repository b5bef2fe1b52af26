"""Prices and context windows out of a wheel of genai-prices, read as text."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

_DATA = "genai_prices/data.py"
_PRICES = ("input_mtok", "output_mtok", "cache_read_mtok")
_IMAGE_PRICES = ("input_image_mtok", "output_image_mtok")


@dataclass(frozen=True, slots=True)
class PricedModel:
    """A model as genai-prices has it.

    `price` is US dollars a million tokens: in, out, in from the cache; `image_price` the same for images: in,
    out.
    """

    id: str
    window: int | None
    price: tuple[float | None, ...]
    clause: Mapping[str, Any]
    image_price: tuple[float | None, ...] = (None, None)

    def matches(self, name: str) -> bool:
        """Whether its rule takes this name for it."""
        return _holds(self.clause, name.lower())


def priced_models(wheel: Path, when: date) -> dict[str, tuple[PricedModel, ...]]:
    """The models of each of its providers, with the prices of that day."""
    with ZipFile(wheel) as archive:
        tree = ast.parse(archive.read(_DATA))
    [providers] = [
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "providers"
    ]
    return {
        provider["id"]: tuple(_model(model, when) for model in provider["models"])
        for provider in _value(providers)
    }


def _value(node: ast.AST | None) -> Any:
    """Literals as they are, a call as a dictionary of its keyword arguments under its name."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.List | ast.Tuple):
        return [_value(one) for one in node.elts]
    if isinstance(node, ast.Dict):
        return {_value(key): _value(value) for key, value in zip(node.keys, node.values, strict=True)}
    if isinstance(node, ast.Attribute):
        return node.attr
    if not isinstance(node, ast.Call):
        raise TypeError(f"{_DATA} holds what this script does not read: {ast.dump(node) if node else node}")
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    arguments = [_value(one) for one in node.args]
    if name == "Decimal":
        return float(arguments[0])
    if name == "date":
        return date(*arguments)
    return {"": name} | {one.arg: _value(one.value) for one in node.keywords if one.arg}


def _model(model: Mapping[str, Any], when: date) -> PricedModel:
    prices = _current(model.get("prices") or {}, when)
    return PricedModel(
        model["id"],
        model.get("context_window"),
        _figures(prices, _PRICES),
        model["match"],
        _figures(prices, _IMAGE_PRICES),
    )


def _figures(prices: Mapping[str, Any], names: tuple[str, ...]) -> tuple[float | None, ...]:
    figures = []
    for name in names:
        figure = prices.get(name)
        base = figure.get("base") if isinstance(figure, Mapping) else figure
        figures.append(base or None)  # a row of nothing but zeros is one whose price is not known
    return tuple(figures)


def _current(prices: Any, when: date) -> Mapping[str, Any]:
    """The prices of a day: the last whose start has come. Prices of certain hours are passed over."""
    if not isinstance(prices, list):
        return prices  # type: ignore[no-any-return]
    found: Mapping[str, Any] = {}
    for one in prices:
        constraint = one.get("constraint")
        if constraint is None or (constraint.get("start_date") or date.max) <= when:
            found = one["prices"]
    return found


def _holds(clause: Mapping[str, Any], name: str) -> bool:
    kind = clause[""]
    if kind == "ClauseOr":
        return any(_holds(one, name) for one in clause["or_"])
    if kind == "ClauseAnd":
        return all(_holds(one, name) for one in clause["and_"])
    word = str(next(value for key, value in clause.items() if key))
    found = {
        "ClauseEquals": name == word,
        "ClauseStartsWith": name.startswith(word),
        "ClauseEndsWith": name.endswith(word),
        "ClauseContains": word in name,
    }
    return re.search(word, name) is not None if kind == "ClauseRegex" else found[kind]
