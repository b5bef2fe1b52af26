"""Closing several things, of which one that fails must not keep the others open."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol


class Closable(Protocol):
    """Anything that holds connections, tasks or processes."""

    async def aclose(self) -> None:
        """Let go of them."""
        ...


async def close_all(things: Iterable[Closable | None]) -> None:
    """Close each, in order.

    Raises:
        Exception: the first failure, once all were closed.
    """
    failures: list[Exception] = []
    for thing in things:
        try:
            if thing is not None:
                await thing.aclose()
        except Exception as error:  # noqa: BLE001  # the others must be closed first
            failures.append(error)
    if failures:
        raise failures[0]
