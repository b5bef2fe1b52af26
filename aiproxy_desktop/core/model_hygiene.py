"""Lists of models from outside, before anyone sees them: bounded, plain, and of the types they should be.

What providers, servers of nobody's and plug-ins list may be anything. Here a list is cut to a size that can
be shown, and in each model what cannot be true becomes unknown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import islice
from typing import Any

from aiproxy_desktop.core.errors import ProtocolError
from aiproxy_desktop.core.models import UNKNOWN_CAPABILITIES, Capabilities, ModelInfo, Price
from aiproxy_desktop.core.slices import in_slices

# The longest list of a vendor known has 10,000 models.
MOST_MODELS = 20_000

# Characters. No vendor's id comes near it; one that does could neither be shown nor typed.
LONGEST_ID = 300
_LONGEST_NAME = 120
_LONGEST_DESCRIPTION = 2_000
_LONGEST_WORD = 40

# Beyond these a figure is a mistake: tokens, bytes, US dollars a million tokens.
_MOST_TOKENS = 1_000_000_000
_MOST_BYTES = 1 << 50
_MOST_DOLLARS = 100_000.0

# How far a list is counted that does not know its own length, and may have no end.
_COUNTED = 1_000_000


class CutList(tuple[ModelInfo, ...]):  # noqa: SLOT001  # a tuple of any length has no room for slots
    """The first models of a longer list; `total` is how many the provider sent."""

    total: int

    @classmethod
    def of(cls, models: Iterable[ModelInfo], total: int) -> CutList:
        """The models kept, of so many."""
        cut = cls(models)
        cut.total = total
        return cut


@dataclass(frozen=True, slots=True)
class CleanList:
    """A list as it can be shown.

    `total` counts what was sent, where that is more than `models`; `unusable` those left out because no
    request could name them: a name of thousands of characters, say.
    """

    models: tuple[ModelInfo, ...]
    total: int
    unusable: int = 0

    @property
    def cut(self) -> bool:
        """Whether it was too long to be kept whole."""
        return self.total > MOST_MODELS


async def clean_list(listed: Any, provider_id: str, label: str) -> CleanList:
    """What a provider listed, cleaned in slices.

    Args:
        listed: what its `list_models` gave; of a plug-in, anything.
        provider_id: whose models these are, whatever they say.
        label: what a person calls it.

    Raises:
        ProtocolError: it is no list.
    """
    if not isinstance(listed, Iterable) or isinstance(listed, str | bytes):
        raise ProtocolError(
            f"{label} sent a list of models that cannot be read",
            "Its maker has to mend it.",
            provider=provider_id,
        )
    rest = iter(listed)
    cleaned = await in_slices(islice(rest, MOST_MODELS), lambda one: clean_model(one, provider_id))
    total = await _total(listed, rest, len(cleaned))
    found: dict[str, ModelInfo] = {}
    for model in cleaned:
        if model is not None:
            found.setdefault(model.id, model)
    return CleanList(tuple(found.values()), total, sum(model is None for model in cleaned))


async def _total(listed: Any, rest: Iterator[object], taken: int) -> int:
    total = getattr(listed, "total", None)
    if isinstance(total, int) and total >= taken:
        return total
    try:
        return max(taken, len(listed))
    except (TypeError, ValueError, OverflowError):
        more = await in_slices(islice(rest, _COUNTED), lambda _one: None)
        return taken + len(more)


def clean_model(model: Any, provider_id: str) -> ModelInfo | None:
    """A model that can be shown and kept, the same one where nothing is wrong with it; None for none.

    Raises nothing, whatever a plug-in put into it.
    """
    if not isinstance(model, ModelInfo):
        return None
    name: Any = model.id
    if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_ID or not name.isprintable():
        return None
    cleaned: dict[str, Any] = {
        "provider": provider_id,
        "display_name": shown_text(model.display_name, _LONGEST_NAME) or shown_text(name, _LONGEST_NAME),
        "context_window": _count(model.context_window, _MOST_TOKENS),
        "output_limit": _count(model.output_limit, _MOST_TOKENS),
        "size_bytes": _count(model.size_bytes, _MOST_BYTES),
        "local": model.local is True,
        "capabilities": _capabilities(model.capabilities),
        "price": _price(model.price),
        "released_on": _day(model.released_on),
        "retires_on": _day(model.retires_on),
        "description": shown_text(model.description, _LONGEST_DESCRIPTION),
        "parameters": shown_text(model.parameters, _LONGEST_WORD),
        "quantization": shown_text(model.quantization, _LONGEST_WORD),
        "vendor": shown_text(model.vendor, _LONGEST_WORD),
    }
    changed = {field: value for field, value in cleaned.items() if getattr(model, field) is not value}
    return replace(model, **changed) if changed else model


def shown_text(value: object, longest: int) -> str:
    """A text on one line that shows what it holds: no control characters, none that turn its direction.

    Args:
        value: anything; what is no text is empty.
        longest: characters; what is longer ends in an ellipsis.
    """
    if not isinstance(value, str):
        return ""
    if len(value) <= longest and value.isprintable():
        return value
    head = value[: 4 * longest]  # what is cut away need not be looked at
    plain = "".join(char if char.isprintable() else " " if char.isspace() else "" for char in head)
    plain = " ".join(plain.split())
    return plain if len(plain) <= longest and len(head) == len(value) else f"{plain[: longest - 1]}…"


def _count(value: object, most: int) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 < value <= most else None


def _capabilities(value: object) -> Capabilities:
    if not isinstance(value, Capabilities):
        return UNKNOWN_CAPABILITIES
    wrong = {one.name: None for one in _FLAGS if not isinstance(getattr(value, one.name), bool | None)}
    return replace(value, **wrong) if wrong else value


def _price(value: object) -> Price | None:
    if not isinstance(value, Price):
        return None
    right = [_dollars(one) for one in (value.input, value.output, value.cached_input)]
    if right == [None, None, None]:
        return None
    same = right == [value.input, value.output, value.cached_input]
    return value if same else Price(*right)


def _dollars(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if math.isfinite(value) and 0 <= value <= _MOST_DOLLARS else None


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


_FLAGS = fields(Capabilities)
