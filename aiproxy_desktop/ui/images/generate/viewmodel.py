"""What was generated and what is being: newest first. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, islice

from PySide6.QtCore import QObject, QTimer, Signal

from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.runs import ImageRuns
from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.image_query import GalleryQuery
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.generate.blocks import (
    Block,
    PreviewSteps,
    block_of_runs,
    blocks_of_images,
    groups_of,
)

# Pictures of former sessions that are shown at first, and blocks that are shown at most.
_FORMER = 48
_MOST_BLOCKS = 24

# Milliseconds. What comes within a frame is shown at once.
_FRAME = 16


class GenerateViewModel(QObject):
    """Follows the runs that began in no edit; await `close` at the end."""

    blocks_changed = Signal()  # blocks came or went, or there are models now: read `blocks`
    block_changed = Signal(object)  # Block: this one is another
    ended = Signal(object)  # Column: a run is over
    deleted = Signal(object)  # tuple of ids that can be brought back
    failed = Signal(object)  # AIProxyError

    def __init__(
        self,
        runs: ImageRuns,
        library: ImageLibrary,
        models: ImageModels,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire up; `start` reads what was made before.

        Args:
            runs: which requests there are.
            library: where the pictures are kept.
            models: what models are called, and whether one is ready.
            on_unexpected: told what nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self.library = library
        self._models = models
        self._runs = runs
        self._scope = TaskScope("generate", on_unexpected)
        self._steps = PreviewSteps()
        self._former: tuple[StoredImage, ...] = ()
        self._loaded = False
        self._started = False
        self._images: dict[str, StoredImage] = {}
        self._deleted: set[str] = set()
        self._dismissed: set[str] = set()
        self._blocks: tuple[Block, ...] = ()
        self._unsubscribe = [
            runs.changed.add(self._run_changed),
            models.changed.add(self._later),
            library.changed.add(self._library_changed),
        ]
        self._timer = QTimer(self, singleShot=True, interval=_FRAME)
        self._timer.timeout.connect(self._show)
        self._blocks = self._read()

    def start(self) -> None:
        """Read what was made before; the second call does nothing."""
        if self._started or self._scope.closed:
            return
        self._started = True
        self._scope.attempt(self._load, self.failed.emit, "load")

    async def close(self) -> None:
        """Follow nothing any more. What runs goes on."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        self._timer.stop()
        await self._scope.close()

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Newest first."""
        return self._blocks

    @property
    def loaded(self) -> bool:
        """Whether it is known what was made before."""
        return self._loaded

    @property
    def any_model(self) -> bool:
        """Whether a model is ready."""
        return any(offer.ready for offer in self._models.all)

    def image(self, image_id: str) -> StoredImage | None:
        """A picture that is shown."""
        found = (image for block in self._blocks for image in block.images if image.id == image_id)
        return next(found, None)

    def cancel(self, run_ids: Sequence[str]) -> None:
        """Stop these; what is finished stays."""
        for run_id in run_ids:
            self._runs.cancel(run_id)

    def cancel_all(self) -> None:
        """Stop everything that is shown."""
        self.cancel([run_id for block in self._blocks for run_id in block.running])

    def retry(self, run_id: str) -> None:
        """Ask again for what a run did not bring, beside what it did."""
        run = self._runs.get(run_id)
        if run is None or run.state == "running":
            return
        missing = run.task.count - len(run.images)
        task = replace(run.task, count=missing if missing > 0 else run.task.count)
        if not run.images:
            self._runs.forget(run_id)
        self._runs.start(task)

    def dismiss(self, key: str) -> None:
        """Show a block no more; its pictures stay in the gallery."""
        self._dismissed.add(key)
        self._later()

    def set_favourite(self, image_id: str, favourite: bool) -> None:
        """Mark a picture, or not."""

        async def work() -> None:
            await self.library.set_favourite([image_id], favourite)

        self._scope.attempt(work, self.failed.emit, "favourite")

    def delete(self, image_id: str) -> None:
        """Take a picture away; `restore` brings it back."""

        async def work() -> None:
            gone = await self.library.delete([image_id])
            if gone:
                self._deleted.update(gone)
                self._later()
                self.deleted.emit(tuple(gone))

        self._scope.attempt(work, self.failed.emit, "delete")

    def restore(self, image_ids: Sequence[str]) -> None:
        """Bring pictures back."""

        async def work() -> None:
            self._deleted.difference_update(await self.library.restore(image_ids))
            self._later()

        self._scope.attempt(work, self.failed.emit, "restore")

    # Inside

    async def _load(self) -> None:
        rows = await self.library.search(GalleryQuery(origin="generated"))
        images = await self.library.many([row.id for row in rows[:_FORMER]])
        self._former = images
        self._loaded = True
        self._show(whole=True)

    def _read(self) -> tuple[Block, ...]:
        """Everything as it is now."""
        runs = [run for run in self._runs.all if run.task.base is None]
        # Made as far as they are shown, however many there were.
        here = (
            block_of_runs(key, group, self._names, self._steps, self._images, self._deleted)
            for key, group in reversed(_merged(groups_of(runs)))
        )
        made = {image.id for run in runs for image in run.images}
        former = [self._images.get(image.id, image) for image in self._former if image.id not in made]
        earlier = blocks_of_images(former, self._names, self._deleted)
        blocks = (one for one in chain(here, earlier) if one.key not in self._dismissed and one.columns)
        return tuple(islice((one for one in blocks if one.running or _has_something(one)), _MOST_BLOCKS))

    def _names(self, reference: str) -> tuple[str, str]:
        offer = self._models.offer_for(reference)
        if offer is not None:
            return offer.name, offer.provider_label
        provider, _, model = reference.partition(":")
        return model or reference, provider

    def _run_changed(self, run: Run) -> None:
        if run.task.base is not None:
            return
        if run.state != "running":
            self._steps.forget(run.id)
        for slot in run.slots:
            self._steps.step(run, slot)  # several can come within a frame
        self._later()

    def _library_changed(self, ids: tuple[str, ...]) -> None:
        shown = {image.id for block in self._blocks for image in block.images} | self._deleted
        wanted = [image_id for image_id in ids if image_id in shown]
        if wanted and not self._scope.closed:
            self._scope.attempt(lambda: self._look_at(wanted), self.failed.emit, "look")

    async def _look_at(self, ids: Sequence[str]) -> None:
        found = {image.id: image for image in await self.library.many(ids)}
        self._images |= found
        self._deleted = (self._deleted | set(ids)) - found.keys()
        self._later()

    def _later(self) -> None:
        if not self._timer.isActive() and not self._scope.closed:
            self._timer.start()

    def _show(self, *, whole: bool = False) -> None:
        former = self._blocks
        self._blocks = self._read()
        before = {column.run_id: column for block in former for column in block.columns}
        if whole or [block.key for block in former] != [block.key for block in self._blocks]:
            self.blocks_changed.emit()
        else:
            for old, new in zip(former, self._blocks, strict=True):
                if old != new:
                    self.block_changed.emit(new)
            if not self._blocks:
                self.blocks_changed.emit()
        for block in self._blocks:
            for column in block.columns:
                known = before.get(column.run_id)
                if known is not None and known.state == "running" and column.state != "running":
                    self.ended.emit(column)


def _merged(groups: list[tuple[str, tuple[Run, ...]]]) -> list[tuple[str, tuple[Run, ...]]]:
    """One entry a group, where others began in between; a retry stands where its group does."""
    found: dict[str, tuple[Run, ...]] = {}
    for key, runs in groups:
        found[key] = (*found.get(key, ()), *runs)
    return list(found.items())


def _has_something(block: Block) -> bool:
    """Whether there is more to see than pictures that were deleted."""
    columns = block.columns
    told = any(one.error is not None or one.state == "cancelled" or not one.cards for one in columns)
    return told or any(not card.deleted for column in columns for card in column.cards)
