"""What a person needs of a model, and the requirements of the library that say the same. No Qt here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.models import ModelInfo
from aiproxy_desktop.core.selection import Candidate
from aiproxy_desktop.core.shortcomings import Lack
from aiproxy_desktop.services.model_places import place_of
from aiproxy_desktop.services.provider_states import ProviderState, chats
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.translation import tr

Where: TypeAlias = Literal["", "computer", "cloud"]

ABILITIES = (
    *("vision", "audio", "documents", "tools"),
    *("thinking", "json_schema", "images_out", "audio_out"),
)
CONTEXTS = (0, 8_000, 32_000, 128_000, 200_000, 1_000_000)
BUDGETS: tuple[float | None, ...] = (None, 0.0, 1.0, 5.0, 15.0)
WISHES = ("cheaper", "faster", "here")

# Those that may answer now; one that is being asked keeps the benefit of the doubt.
_USABLE = frozenset({"ready", "checking", "rate_limited"})


@dataclass(frozen=True, slots=True)
class Needs:
    """What is asked for.

    `abilities` are names of `Capabilities`; `context` in tokens, 0 for any; `budget` in US dollars a million
    tokens written, None for any. The last three are wishes.
    """

    abilities: frozenset[str] = frozenset()
    context: int = 0
    where: Where = ""
    budget: float | None = None
    cheaper: bool = False
    faster: bool = False
    here: bool = False

    @property
    def requirements(self) -> dict[str, Any]:
        """The same for `select_model` and `find_best_model`."""
        wanted: dict[str, Any] = dict.fromkeys((one for one in ABILITIES if one in self.abilities), True)
        wanted |= {
            "min_context_limit": self.context or None,
            "max_price_output": self.budget,
            "local_only": self.where == "computer" or None,
            "remote_only": self.where == "cloud" or None,
            "cheap_preferred": self.cheaper or None,
            "fast_preferred": self.faster or None,
            "local_preferred": self.here or None,
        }
        return {name: value for name, value in wanted.items() if value is not None}

    def without(self, lack: Lack) -> Needs:
        """These, less what a model lacks."""
        if lack.kind == "capability":
            return replace(self, abilities=self.abilities - {lack.name})
        if lack.kind == "context":
            return replace(self, context=0)
        if lack.kind in {"elsewhere", "here"}:
            return replace(self, where="")
        return replace(self, budget=None) if lack.kind == "price_output" else self


@dataclass(frozen=True, slots=True)
class Loosening:
    """Needs without which `models` models would do."""

    needs: Needs
    words: str
    models: int


def at_hand(states: Iterable[ProviderState], needs: Needs, hidden: Sequence[str]) -> list[ModelInfo]:
    """The models to choose among: those that can be asked now, and that the person has not hidden.

    What makes only images is left out where nothing is to be made. A server on one's own network is neither
    this computer nor the cloud.
    """
    left_out = frozenset(hidden)
    makes = bool(needs.abilities & {"images_out", "audio_out"})
    return [
        model
        for state in states
        if state.status in _USABLE
        for model in state.models
        if model.reference not in left_out
        and (makes or chats(model))
        and (not needs.where or place_of(model, state.base_url, state.kind) != "network")
    ]


def loosenings(needs: Needs, ranking: Iterable[Candidate]) -> tuple[Loosening, ...]:
    """What to give up so that some model does: as few needs as will do, that which lets in most first."""
    counts: Counter[tuple[tuple[str, str], ...]] = Counter()
    lacks: dict[tuple[tuple[str, str], ...], tuple[Lack, ...]] = {}
    for candidate in ranking:
        key = tuple((str(lack.kind), lack.name) for lack in candidate.lacks)
        counts[key] += 1
        lacks.setdefault(key, candidate.lacks)
    found = []
    fewest = 0
    for key, count in sorted(counts.items(), key=lambda one: (len(one[0]), -one[1])):
        loosened = needs
        for lack in lacks[key]:
            loosened = loosened.without(lack)
        if any(needs.without(lack) == needs for lack in lacks[key]):
            continue  # that it was retired, say, is nothing to give up
        fewest = fewest or len(key)
        if len(key) == fewest:
            names = ", ".join(_need_words(lack, needs) for lack in lacks[key])
            found.append(Loosening(loosened, names, count))
    return tuple(found)


def ability_words() -> dict[str, str]:
    """Each ability as one asks for it."""
    return {
        "vision": tr("Reads images"),
        "audio": tr("Reads audio"),
        "documents": tr("Reads PDF"),
        "tools": tr("Calls tools"),
        "thinking": tr("Thinks first"),
        "json_schema": tr("JSON schema"),
        "images_out": tr("Makes images"),
        "audio_out": tr("Speaks"),
    }


def wish_words() -> dict[str, str]:
    """Each wish."""
    return {
        "cheaper": tr("Cheaper first"),
        "faster": tr("Faster first"),
        "here": tr("This computer first"),
    }


def where_words(where: Where) -> str:
    """Where it may run."""
    return {"": tr("Anywhere"), "computer": tr("This computer"), "cloud": tr("Cloud")}[where]


def budget_words(budget: float | None) -> str:
    """What it may cost."""
    if budget is None:
        return tr("Any price")
    return tr("Free") if budget == 0 else tr("Up to ${amount}", amount=f"{budget:g}")


def _need_words(lack: Lack, needs: Needs) -> str:
    if lack.kind == "capability":
        return ability_words().get(lack.name, lack.name)
    if lack.kind == "context":
        return tr("Context of {size}", size=words.tokens(needs.context))
    return where_words(needs.where) if lack.kind in {"elsewhere", "here"} else budget_words(needs.budget)
