"""Versions that are being made of the picture on the canvas, as far as they can be seen. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.images.edit.viewmodel import Shown


@dataclass(frozen=True, slots=True)
class Pending:
    """One version under way; `shown` is its newest preview, None while there is none."""

    run_id: str
    index: int
    shown: Any = None

    @property
    def key(self) -> str:
        """Tells it from the others."""
        return f"{self.run_id}.{self.index}"


class PendingVersions(QObject):
    """Follows the runs. Await `close` at the end."""

    changed = Signal()  # read `of`

    def __init__(
        self,
        runs: ImageRuns,
        shown: Shown,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Begin to follow.

        Args:
            runs: what is under way.
            shown: makes of pixels what can be painted; called on a thread.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._make_shown = shown
        self._scope = TaskScope("pending", on_unexpected)
        self._runs: dict[str, Run] = {}
        self._shown: dict[str, Any] = {}
        self._seen: dict[str, bytes] = {}
        self._unsubscribe = runs.changed.add(self._run_changed)

    async def close(self) -> None:
        """Follow nothing any more."""
        self._unsubscribe()
        await self._scope.close()

    def of(self, image_ids: Collection[str]) -> tuple[Pending, ...]:
        """What is being made of these images."""
        return tuple(
            Pending(run.id, slot.index, self._shown.get(f"{run.id}.{slot.index}"))
            for run in self._runs.values()
            if run.task.base is not None and run.task.base.id in image_ids
            for slot in run.slots
            if slot.image is None
        )

    def _run_changed(self, run: Run) -> None:
        if run.task.base is None or self._scope.closed:
            return
        if run.state == "running":
            self._runs[run.id] = run
            self._look(run)
        else:
            self._runs.pop(run.id, None)
            for slot in run.slots:
                self._shown.pop(f"{run.id}.{slot.index}", None)
                self._seen.pop(f"{run.id}.{slot.index}", None)
        self.changed.emit()

    def _look(self, run: Run) -> None:
        for slot in run.slots:
            key = f"{run.id}.{slot.index}"
            if slot.preview is not None and self._seen.get(key) is not slot.preview:
                self._seen[key] = slot.preview
                self._scope.attempt(partial(self._decode, key, slot.preview), _leave_out, "preview")

    async def _decode(self, key: str, data: bytes) -> None:
        def work() -> Any:
            return self._make_shown(open_picture(data, "preview").picture)

        shown = await on_thread(work, "images")
        if self._seen.get(key) is data:
            self._shown[key] = shown
            self.changed.emit()


def _leave_out(_error: AIProxyError) -> None:
    """A preview that cannot be read is none; the image itself is checked when it comes."""
