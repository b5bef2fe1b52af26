"""All models as rows, and those that are shown, in their order. No Qt here.

Made for thousands: rows are built anew only for a provider that changed, an order is worked out once for a
column, and a keystroke only filters what is in order already.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiproxy_desktop.services.provider_states import ProviderState
from aiproxy_desktop.storage.model_settings import ModelsView
from aiproxy_desktop.ui.models.filters.matching import matching
from aiproxy_desktop.ui.models.table.columns import BY_ID
from aiproxy_desktop.ui.models.table.rows import USABLE, Row, SpeedOf, rows_of


class Listing:
    """Feed it states, a view and a search; read `shown`."""

    def __init__(self, speed: SpeedOf) -> None:
        self._speed = speed
        self._built: dict[str, tuple[ProviderState, list[Row]]] = {}
        self._marks: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
        self._rows: list[Row] = []
        self._ordered: list[Row] | None = None
        self._by_name: list[Row] | None = None
        self._order: tuple[str, bool] = ("", False)
        self.shown: list[Row] = []

    @property
    def rows(self) -> Sequence[Row]:
        """All of them, in the providers' order."""
        return self._rows

    def total(self, *, hidden: bool) -> int:
        """How many there are, those that were hidden counted or not."""
        return len(self._rows) if hidden else sum(not row.hidden for row in self._rows)

    def take(self, states: Sequence[ProviderState], favourites: Sequence[str], hidden: Sequence[str]) -> bool:
        """Take in what providers offer; whether any row is another than before."""
        marks = (frozenset(favourites), frozenset(hidden))
        same_marks = marks == self._marks
        former, self._built, self._marks = self._built, {}, marks
        changed = former.keys() != {state.id for state in states}
        for state in states:
            known = former.get(state.id)
            if known is not None and same_marks and _same(known[0], state):
                self._built[state.id] = (state, known[1])
            else:
                self._built[state.id] = (state, rows_of(state, self._speed, *marks))
                changed = True
        if changed or list(former) != list(self._built):
            self._gather()
        return changed

    def look_again(self) -> None:
        """The speeds are others."""
        self._built = {
            name: (state, rows_of(state, self._speed, *self._marks))
            for name, (state, _rows) in self._built.items()
        }
        self._gather()

    def show(self, view: ModelsView, query: str) -> list[Row]:
        """Work out what is shown."""
        self.shown = matching(self._in_order(view.sort, descending=view.descending), view, query)
        return self.shown

    def row(self, reference: str) -> Row | None:
        """The row of a model, shown or not."""
        provider = reference.partition(":")[0]
        _state, rows = self._built.get(provider, (None, []))
        return next((row for row in rows if row.reference == reference), None)

    def _gather(self) -> None:
        self._rows = [row for _state, rows in self._built.values() for row in rows]
        self._ordered = self._by_name = None

    def _in_order(self, column: str, *, descending: bool) -> list[Row]:
        if self._ordered is None or self._order != (column, descending):
            if self._by_name is None:
                self._by_name = sorted(self._rows, key=BY_ID["name"].key)
            self._ordered = ordered(self._by_name, column, descending=descending)
            self._order = (column, descending)
        return self._ordered


def ordered(rows: Sequence[Row], column: str, *, descending: bool) -> list[Row]:
    """Rows by a column; what is unknown comes last either way, and rows that are alike stay as they were."""
    key = BY_ID[column if column in BY_ID else "name"].key
    keys = [key(row) for row in rows]
    known = [place for place, value in enumerate(keys) if value is not None]
    known.sort(key=keys.__getitem__, reverse=descending)
    unknown = [row for row, value in zip(rows, keys, strict=True) if value is None]
    return [*(rows[place] for place in known), *unknown]


def _same(one: ProviderState, other: ProviderState) -> bool:
    """Whether the rows of a provider would be the same; a check that found nothing new changes none."""
    return (
        one.models is other.models
        and one.label == other.label
        and one.base_url == other.base_url
        and (one.status in USABLE) == (other.status in USABLE)
    )
