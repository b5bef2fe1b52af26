"""Whoever wants to hear of a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Subscribers(Generic[P]):
    """Callbacks in the order they came. Called on the loop's thread; they must not block."""

    def __init__(self) -> None:
        self._callbacks: dict[object, Callable[P, None]] = {}

    def add(self, callback: Callable[P, None]) -> Callable[[], None]:
        """Call it at every change; the answer ends that. Ending twice is harmless."""
        token = object()
        self._callbacks[token] = callback

        def unsubscribe() -> None:
            self._callbacks.pop(token, None)

        return unsubscribe

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Tell everyone."""
        for callback in tuple(self._callbacks.values()):
            callback(*args, **kwargs)
