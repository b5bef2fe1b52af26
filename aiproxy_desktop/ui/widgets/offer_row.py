"""A line of a list of models. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A provider's heading (no `reference`) or a model.

    Taking one that is not `ready` leads to what mends it. `note` stands at the end, `why` is the
    whole sentence.
    """

    name: str
    reference: str = ""
    ready: bool = True
    chosen: bool = False
    note: str = ""
    why: str = ""

    @property
    def is_heading(self) -> bool:
        """Whether it only names a provider."""
        return not self.reference

    @property
    def spoken(self) -> str:
        """For a screen reader."""
        return ", ".join(
            filter(None, (self.name, tr("chosen") if self.chosen else "", self.why or self.note))
        )
