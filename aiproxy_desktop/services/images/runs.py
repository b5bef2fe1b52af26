"""Image requests under way, whichever tab is in front: begun, watched and cancelled here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import uuid4

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.core.errors import AIProxyError, InvalidRequestError
from aiproxy_desktop.core.images import costs
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.services.images import making
from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.estimates import EarlierCosts
from aiproxy_desktop.services.images.folding import RunFold, unexpected
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.making import ImageWork
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.images.tasks import Estimate, ImageTask, Run, Slot
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.image_bookkeeping import ImageBookkeeping
from aiproxy_desktop.storage.image_records import StoredImage

# Unfinished images asked for, where a model has them and the task does not say.
_PREVIEWS = 2


_log = logging.getLogger(__name__)


class ImageRuns:
    """Every run of this session, newest last."""

    def __init__(
        self,
        client: CompletionClient,
        models: ImageModels,
        library: ImageLibrary,
        books: ImageBookkeeping,
        studio: ImageStudio,
        on_unexpected: Callable[[Exception], None],
        at_once: int = making.AT_ONCE,
    ) -> None:
        """Wire up.

        Args:
            client: what is asked.
            models: what is known of the models.
            library: where finished images go.
            books: where it is noted what they cost.
            studio: where pictures come from.
            on_unexpected: told of errors nobody planned for.
            at_once: how many requests one provider gets at a time.
        """
        self._client = client
        self._models = models
        self._library = library
        self._books = books
        self._studio = studio
        self._at_once = at_once
        self._scope = TaskScope("image runs", on_unexpected)
        # What is being kept goes on when its run is cancelled.
        self._keeping = TaskScope("image keeping", on_unexpected)
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._folds: dict[str, RunFold] = {}
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._earlier = EarlierCosts()
        self.changed: Subscribers[[Run]] = Subscribers()

    @property
    def all(self) -> tuple[Run, ...]:
        """Every run of this session that was not forgotten, newest last."""
        return tuple(fold.run for fold in self._folds.values())

    def get(self, run_id: str) -> Run | None:
        """A run as it is now."""
        fold = self._folds.get(run_id)
        return fold.run if fold is not None else None

    async def start_up(self) -> None:
        """Learn what earlier images cost.

        Raises:
            StorageError: that cannot be read.
        """
        self._earlier.learn(await self._books.earlier_costs())

    def start(self, task: ImageTask) -> Run:
        """Begin; what is wrong with the task, too, becomes the run's error. Returns at once.

        Raises:
            RuntimeError: the application is closing.
        """
        slots = tuple(Slot(index) for index in range(min(max(1, task.count), making.MOST_IMAGES)))
        run = Run(uuid4().hex, task, "running", slots, datetime.now(UTC))
        fold = RunFold(run, self.changed, self._library, self._books, self._earlier, self._keeping.start)
        running = self._scope.start(self._run(fold), "run")
        running.add_done_callback(partial(self._over, fold))
        self._tasks[run.id] = running
        self._folds[run.id] = fold
        self.changed(run)
        return run

    def cancel(self, run_id: str) -> None:
        """Stop a run: its connections close, what is finished stays. One that is over stays as it is."""
        task = self._tasks.get(run_id)
        if task is not None:
            cancel_once(task)

    def forget(self, run_id: str) -> None:
        """Drop a run that is over; its images stay in the library."""
        if run_id not in self._tasks:
            self._folds.pop(run_id, None)

    def estimate(self, task: ImageTask) -> Estimate:
        """What it is likely to cost; asks nobody."""
        provider_id, _, model = task.model.partition(":")
        if self._client.registry.describe(provider_id, model).free:
            return Estimate(0.0, "exact", "free")
        offer = self._models.offer_for(task.model)
        facts = offer.facts if offer is not None else None
        listed = costs.estimate(facts, task.options, task.count) if facts is not None else None
        if listed is not None:
            return Estimate(listed, "about", "table")
        earlier = self._earlier.median(task.model, task.options)
        if earlier is not None:
            return Estimate(earlier * task.count, "about", "earlier")
        return Estimate()

    async def check(self, task: ImageTask) -> None:
        """Look for what stands against a task; nothing is sent.

        Raises:
            AIProxyError: what is wrong, and what to do.
        """
        making.check_work(await self._work(task))

    async def drain(self) -> None:
        """Cancel what runs, and wait until all that is finished is kept."""
        await self._scope.close()
        await self._keeping.close()

    async def _run(self, fold: RunFold) -> None:
        task = fold.run.task
        try:
            work = await self._work(task)
            fold.ready = await making.prepare(work)
            await self._remember(task)
            await making.ask(self._client, fold.ready, fold, self._gate(task.model))
        except AIProxyError as error:
            fold.fail(error)
        except Exception:
            fold.fail(unexpected())
            raise  # to whoever hears of tasks that fail
        finally:
            await fold.settled()

    def _over(self, fold: RunFold, task: asyncio.Task[Any]) -> None:
        """Its task is gone, which may never have taken a step."""
        self._tasks.pop(fold.run.id, None)
        fold.end(cancelled=task.cancelled())

    async def _remember(self, task: ImageTask) -> None:
        """What was asked last is what is asked next."""
        try:
            await self._models.note_used(task.model, task.options, editing=task.base is not None)
        except StorageError as error:
            _log.warning("the last image model was not kept: %s", error)

    async def _work(self, task: ImageTask) -> ImageWork:
        offer = self._models.offer_for(task.model)
        if offer is None:
            raise InvalidRequestError(
                f"There is no image model “{task.model[:80]}” any more"
                if task.model
                else "No model is chosen",
                "Choose a model.",
            )
        if offer.ended:
            raise InvalidRequestError(f"{offer.name} is no longer there", "Choose another model.")
        base = None
        if task.base is not None:
            await self._still_there(task.base)
            base = await self._studio.picture_of(task.base)
        return ImageWork(
            model=task.model,
            name=offer.name,
            prompt=task.prompt,
            facts=offer.facts,
            options=task.options,
            count=task.count,
            base=base,
            mask=task.mask,
            feather=task.feather,
            references=tuple([await self._reference(one) for one in task.references]),
            protect=task.protect,
            previews=_PREVIEWS,
        )

    async def _reference(self, image: StoredImage) -> ImageInput:
        await self._still_there(image)
        data = await self._library.data(image)
        return ImageInput(data, image.mime, image.name)

    async def _still_there(self, image: StoredImage) -> None:
        """Whether an image was deleted since.

        Raises:
            StorageError: it was.
        """
        await self._library.get(image.id)

    def _gate(self, model: str) -> asyncio.Semaphore:
        return self._gates.setdefault(model.partition(":")[0], asyncio.Semaphore(self._at_once))
