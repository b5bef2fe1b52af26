"""Which models others may name, and what their own names for them stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ModelNames:
    """Aliases, and what is on offer.

    Attributes:
        aliases: a name to a reference (`provider:model`) or a bare name.
        default: the model of a request that names none; empty leaves it to the router.
        offered: references of the only models others may use; None offers all.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    default: str = ""
    offered: frozenset[str] | None = None

    def meant(self, name: str) -> str:
        """What a name stands for; itself where it is no alias."""
        return self.aliases.get(name, name)

    def offers(self, reference: str) -> bool:
        """Whether others may use a model."""
        return self.offered is None or reference in self.offered
