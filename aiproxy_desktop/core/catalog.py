"""What is known about models before, and besides, what their providers report.

The bundled table (`resources/model_table/table.json`, see the script beside it) fills in what a provider
leaves out. In this order, and never over what the provider said:

1. the provider's own row for the id, or for the id without its date or `-latest`;
2. for a model of another vendor (`openai/gpt-5.5` on a router), that vendor's row: its capabilities only,
   since prices, limits and dates are the host's own;
3. for an open-weight model (`llama3.2:3b-instruct-q4_K_M`), its family's capabilities;
4. whatever answers in text streams, since every codec does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from aiproxy_desktop.core.models import UNKNOWN_CAPABILITIES, Capabilities, ModelInfo, Price

Kind: TypeAlias = Literal["chat", "image"]

# What routers and hosts of open models put before a vendor's own id.
_VENDORS = {
    "anthropic": "anthropic",
    "deepseek": "deepseek",
    "deepseek-ai": "deepseek",
    "google": "gemini",
    "gemini": "gemini",
    "mistral": "mistral",
    "mistralai": "mistral",
    "openai": "openai",
    "x-ai": "xai",
    "xai": "xai",
}

# The same model under a later name: a date, "@date" on some clouds, or a moving pointer.
_DATED = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{4}|latest)$")
_LOOSE_NUMBER = re.compile(r"(?<=[a-z])-(?=\d)")
_FREE = Price(0.0, 0.0)
_STREAMS = Capabilities(streaming=True)


class _Row(msgspec.Struct, gc=False, frozen=True):
    """One model.

    `i` is US dollars a million tokens in, out and in from the cache; `m` the same for images in and out.
    """

    c: int | None = None
    o: int | None = None
    i: tuple[float | None, ...] = ()
    m: tuple[float | None, ...] = ()
    y: str = ""
    n: str = ""
    r: date | None = None
    k: Kind = "chat"


_UNKNOWN = _Row()


class _Table(msgspec.Struct, gc=False, frozen=True):
    version: date
    sources: tuple[str, ...]
    flags: dict[str, str]
    families: tuple[tuple[str, str, str], ...]
    models: dict[str, dict[str, _Row]]


class Catalog:
    """A table of models. Without one, nothing is known but that models stream."""

    def __init__(self, content: bytes | None = None, today: date | None = None) -> None:
        """Read a table.

        Args:
            content: the table, as JSON.
            today: the day by which a date of retirement has passed; None asks the clock.

        Raises:
            ValueError: the content is no such table.
        """
        table = msgspec.json.decode(content, type=_Table) if content is not None else None
        self._today = today
        self._flags: Mapping[str, str] = table.flags if table else {}
        self._models: Mapping[str, Mapping[str, _Row]] = table.models if table else {}
        families = table.families if table else ()
        self._families = tuple((pattern.split("*"), yes, no) for pattern, yes, no in families)
        self.version: date | None = table.version if table else None

    def complete(self, model: ModelInfo) -> ModelInfo:
        """A model that a provider lists, with what the provider left out filled in.

        A date of retirement that has passed is not filled in: what is listed is still there.
        """
        row = self._row(model.maker, model.id)
        told = self._described(model, row)
        if told.retires_on is not None and model.retires_on is None and told.retires_on <= self._day():
            return replace(told, retires_on=None)
        return told

    def describe(self, provider: str, model: str, vendor: str = "") -> ModelInfo:
        """All that the table tells of a model which no list has been seen for, passed dates included.

        Args:
            provider: its id.
            model: the provider's own name for it.
            vendor: whose models the provider has, where its id does not say.
        """
        known = ModelInfo(model, provider, model, vendor=vendor)
        return self._described(known, self._row(known.maker, model))

    def image_price(self, provider: str, model: str) -> tuple[Price, Price] | None:
        """What text and what images cost, each in and out; None where the table has no price of images."""
        row = self._row(provider, model)
        return (_price(row) or Price(), Price(*row.m)) if row is not None and row.m else None

    def providers_of(self, model: str) -> tuple[str, ...]:
        """The providers whose own name this is, as far as the table knows."""
        return tuple(provider for provider, rows in self._models.items() if model in rows)

    def names(self, provider: str) -> tuple[str, ...]:
        """The names of a provider's models that chat, retired ones left out."""
        rows = self._models.get(provider, {})
        return tuple(
            name for name, row in rows.items() if row.k == "chat" and (row.r is None or row.r > self._day())
        )

    def models(self, provider: str, kind: Kind = "chat") -> tuple[ModelInfo, ...]:
        """What the table knows of a provider: models that chat, or that only make images.

        Many accounts cannot use all of them, and some are retired; what a provider lists is what counts.
        """
        rows = self._models.get(provider, {})
        return tuple(
            self._described(ModelInfo(name, provider, name), row)
            for name, row in rows.items()
            if row.k == kind
        )

    def _described(self, model: ModelInfo, row: _Row | None) -> ModelInfo:
        row = row or _UNKNOWN
        capabilities = _over(model.capabilities, self._capabilities(row.y, row.n))
        if row.k == "chat":
            capabilities = _over(_over(capabilities, self._by_name(model.id)), _STREAMS)
        return replace(
            model,
            context_window=model.context_window or row.c,
            output_limit=model.output_limit or row.o,
            capabilities=capabilities,
            price=model.price or (_FREE if model.local else _price(row)),
            retires_on=model.retires_on or row.r,
        )

    def _row(self, provider: str, model: str) -> _Row | None:
        """The provider's own row for an id."""
        rows = self._models.get(provider)
        if rows is None:
            return None
        name = model.removeprefix("models/")
        row = rows.get(name)
        if row is None and name.startswith("ft:"):  # ft:base:organisation:name:id
            row = rows.get(":".join(name.split(":", 2)[:2]))
        if row is None:
            undated = _DATED.sub("", name)
            row = rows.get(undated) or (rows.get(f"{undated}-latest") if undated == name else None)
        return row

    def _by_name(self, model: str) -> Capabilities:
        """What a name says of a model that is not its host's own."""
        path = model.removeprefix("models/").split("/")
        for index, folder in enumerate(path[:-1]):
            vendor = _VENDORS.get(folder.lower())
            row = self._vendor_row(vendor, "/".join(path[index + 1 :])) if vendor else None
            if row is not None:
                return self._capabilities(row.y, row.n)
        name = _LOOSE_NUMBER.sub("", path[-1].lower())
        for pieces, yes, no in self._families:
            # Some vendors list ten thousand models, and nearly every family ends here.
            if name.startswith(pieces[0]) and _fits(name, pieces):
                return self._capabilities(yes, no)
        return UNKNOWN_CAPABILITIES

    def _vendor_row(self, vendor: str, name: str) -> _Row | None:
        name = name.partition(":")[0]  # routers mark variants with ":free" or ":thinking"
        # Anthropic's own ids have hyphens where routers write the version with a point.
        return self._row(vendor, name) or self._row(vendor, name.replace(".", "-"))

    def _capabilities(self, yes: str, no: str) -> Capabilities:
        return _capabilities(
            tuple(self._flags[flag] for flag in yes), tuple(self._flags[flag] for flag in no)
        )

    def _day(self) -> date:
        return self._today or datetime.now(UTC).date()


def _fits(name: str, pieces: list[str]) -> bool:
    """Whether a name that begins with the first piece fits the pattern whose pieces stand between stars."""
    if len(pieces) == 1:
        return name == pieces[0]
    place = len(pieces[0])
    for piece in pieces[1:-1]:
        found = name.find(piece, place)
        if found < 0:
            return False
        place = found + len(piece)
    return len(name) - place >= len(pieces[-1]) and name.endswith(pieces[-1])


@cache
def bundled_catalog() -> Catalog:
    """The table that ships with the application; an empty one where the core is used without it."""
    from aiproxy_desktop.resources_dir import resources_dir

    try:
        return Catalog(Path(resources_dir(), "model_table", "table.json").read_bytes())
    except FileNotFoundError:
        return Catalog()


@cache
def _capabilities(yes: tuple[str, ...], no: tuple[str, ...]) -> Capabilities:
    return Capabilities(**(dict.fromkeys(yes, True) | dict.fromkeys(no, False)))


@lru_cache(maxsize=1024)
def _over(one: Capabilities, other: Capabilities) -> Capabilities:
    """`one.over(other)`; a list of thousands of models has few different ones."""
    return one.over(other)


def _price(row: _Row) -> Price | None:
    return Price(*row.i) if row.i else None
