"""The columns of the table: what each shows, how it is sorted. No Qt here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal

from aiproxy_desktop.core.models import Capabilities
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.models.table.rows import Row
from aiproxy_desktop.ui.translation import tr

Look = Literal["text", "figure", "capabilities", "lifecycle", "star"]

# What stands in each place of a row, the first that a model has; the rest is told in the details.
MARKS: tuple[tuple[str, ...], ...] = (
    ("vision",),
    ("tools",),
    ("thinking",),
    ("audio",),
    ("images_out", "audio_out"),
)

_ALL: tuple[str, ...] = tuple(field.name for field in fields(Capabilities))


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        id: what the settings call it.
        title: in the header.
        width: logical pixels, at first.
        text: what stands in it.
        key: what it is sorted by; None is unknown, and comes last in either direction.
        look: how it is painted; figures stand at the end of their column.
        quiet: in the tone of what comes second.
    """

    id: str
    title: Callable[[], str]
    width: int
    text: Callable[[Row], str]
    key: Callable[[Row], Any]
    look: Look = "text"
    quiet: bool = True


_FIGURES = re.compile(r"(\d+)")


def natural(text: str) -> list[str | int]:
    """A key by which `gpt-5.9` comes before `gpt-5.10`: text and figures take turns in it."""
    pieces: list[str | int] = list(_FIGURES.split(text.casefold()))
    # Python refuses to read figures of thousands of digits; none of a version is that long.
    pieces[1::2] = [int(figure) if len(figure) < 16 else 10**16 for figure in map(str, pieces[1::2])]
    return pieces


def _price(value: float | None, row: Row) -> str:
    return words.price(value, row.model.free)


def _input_price(row: Row) -> float | None:
    return 0.0 if row.model.free else row.model.price.input if row.model.price else None


def _output_price(row: Row) -> float | None:
    return 0.0 if row.model.free else row.model.price.output if row.model.price else None


def _capabilities(row: Row) -> str:
    known = words.capability_words()
    able = row.model.capabilities
    said = [known[name] for name in _ALL if name in known and getattr(able, name)]
    return ", ".join(said) or tr("Unknown")


def _abilities(row: Row) -> int | None:
    able = row.model.capabilities
    found = [getattr(able, name) for names in MARKS for name in names]
    return sum(map(bool, found)) if any(one is not None for one in found) else None


def _retires(row: Row) -> str:
    return words.retires(row.model.retires_on) if row.model.retires_on else ""


def _speed(row: Row) -> str:
    return words.speed(row.speed.speed) if row.speed.speed is not None else ""


def _size(row: Row) -> str:
    return words.size(row.size) if row.size is not None or row.model.local else ""


def _quantization(row: Row) -> str:
    return row.model.quantization or (words.unknown() if row.model.local else "")


COLUMNS: tuple[Column, ...] = (
    Column(
        "star",
        lambda: tr("Favourite"),
        36,
        lambda row: tr("Favourite") if row.favourite else "",
        lambda row: not row.favourite,
        "star",
    ),
    Column(
        "name",
        lambda: tr("Name"),
        160,
        lambda row: row.model.display_name,
        lambda row: natural(row.model.display_name),
        quiet=False,
    ),
    Column(
        "provider",
        lambda: tr("Provider"),
        82,
        lambda row: row.provider,
        lambda row: row.provider.casefold(),
    ),
    Column("place", lambda: tr("Runs on"), 106, lambda row: words.place(row.place), lambda row: row.place),
    Column(
        "context",
        lambda: tr("Context"),
        64,
        lambda row: words.tokens(row.model.context_window),
        lambda row: row.model.context_window,
        "figure",
        quiet=False,
    ),
    Column("capabilities", lambda: tr("Capabilities"), 160, _capabilities, _abilities, "capabilities"),
    Column(
        "input",
        lambda: tr("In $/M"),
        60,
        lambda row: _price(_input_price(row), row),
        _input_price,
        "figure",
        quiet=False,
    ),
    Column(
        "output",
        lambda: tr("Out $/M"),
        66,
        lambda row: _price(_output_price(row), row),
        _output_price,
        "figure",
        quiet=False,
    ),
    Column("lifecycle", lambda: tr("Retires"), 100, _retires, lambda row: row.model.retires_on, "lifecycle"),
    Column(
        "limit",
        lambda: tr("Output limit"),
        96,
        lambda row: words.tokens(row.model.output_limit),
        lambda row: row.model.output_limit,
        "figure",
        quiet=False,
    ),
    Column("size", lambda: tr("Size"), 72, _size, lambda row: row.size, "figure", quiet=False),
    Column(
        "quantization",
        lambda: tr("Quantisation"),
        104,
        _quantization,
        lambda row: row.model.quantization.casefold() or None,
    ),
    Column("speed", lambda: tr("Speed here"), 92, _speed, lambda row: row.speed.speed, "figure", quiet=False),
)

BY_ID: dict[str, Column] = {column.id: column for column in COLUMNS}
