"""Which rows a view and a search leave. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from aiproxy_desktop.core.requirements import output_price
from aiproxy_desktop.storage.model_settings import ModelsView
from aiproxy_desktop.ui.models.table.rows import Row

Test = Callable[[Row], bool]


def matching(rows: Iterable[Row], view: ModelsView, query: str) -> list[Row]:
    """The rows that pass every filter and hold every word of the search, in the order they had.

    What is unknown of a model passes no filter that asks for it.
    """
    left: Iterable[Row] = rows
    for test in _tests(view):
        left = filter(test, left)
    words = query.casefold().split()
    # The longest first: it leaves the fewest to look through.
    for word in sorted(words, key=len, reverse=True):
        left = [row for row in left if word in row.searched]
    return left if isinstance(left, list) else list(left)


def filter_count(view: ModelsView) -> int:
    """How many filters are on."""
    return sum(
        map(
            bool,
            (
                view.capabilities,
                view.providers,
                view.places,
                view.min_context,
                view.max_price is not None,
                view.not_retiring,
                view.favourites,
                view.hidden,
            ),
        )
    )


def _tests(view: ModelsView) -> Sequence[Test]:
    """The cheapest first."""
    tests: list[Test] = []
    if not view.hidden:
        tests.append(lambda row: not row.hidden)
    if view.favourites:
        tests.append(lambda row: row.favourite)
    if view.places:
        places = frozenset(view.places)
        tests.append(lambda row: row.place in places)
    if view.providers:
        providers = frozenset(view.providers)
        tests.append(lambda row: row.model.provider in providers)
    if view.capabilities:
        tests.append(_able(view.capabilities))
    if view.min_context:
        least = view.min_context
        tests.append(lambda row: (row.model.context_window or 0) >= least)
    if view.max_price is not None:
        tests.append(_affordable(view.max_price))
    if view.not_retiring:
        tests.append(lambda row: row.model.retires_on is None)
    return tests


def _able(names: Sequence[str]) -> Test:
    return lambda row: all(getattr(row.model.capabilities, name, None) is True for name in names)


def _affordable(most: float) -> Test:
    def test(row: Row) -> bool:
        price = output_price(row.model)
        return price is not None and price <= most

    return test
