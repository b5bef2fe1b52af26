"""Image requests under way, whichever tab is in front: begun, watched and cancelled here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from aiproxy_desktop.core.client import CompletionClient
from aiproxy_desktop.services.images.catalogue import ImageModels
from aiproxy_desktop.services.images.keeping import ImageKeeper
from aiproxy_desktop.services.images.studio import ImageStudio
from aiproxy_desktop.services.images.tasks import Estimate, ImageTask, Run, Slot
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.services.task_scope import TaskScope


class ImageRuns:
    """Every run of this session, newest last."""

    def __init__(
        self,
        client: CompletionClient,
        models: ImageModels,
        library: ImageKeeper,
        studio: ImageStudio,
        on_unexpected: Callable[[Exception], None],
    ) -> None:
        """Wire up.

        Args:
            client: what is asked.
            models: what is known of the models.
            library: where finished images go.
            studio: where pictures come from.
            on_unexpected: told of errors nobody planned for.
        """
        self._client = client
        self._models = models
        self._library = library
        self._studio = studio
        self._scope = TaskScope("images", on_unexpected)
        self._runs: dict[str, Run] = {}
        self.changed: Subscribers[[Run]] = Subscribers()

    @property
    def all(self) -> tuple[Run, ...]:
        """Every run of this session that was not forgotten, newest last."""
        return tuple(self._runs.values())

    def get(self, run_id: str) -> Run | None:
        """A run as it is now."""
        return self._runs.get(run_id)

    def start(self, task: ImageTask) -> Run:
        """Begin; what is wrong with the task, too, becomes the run's error. Returns at once.

        Raises:
            RuntimeError: the application is closing.
        """
        slots = tuple(Slot(index) for index in range(max(1, task.count)))
        run = Run(uuid4().hex, task, "running", slots, datetime.now(UTC))
        self._runs[run.id] = run
        self.changed(run)
        return run

    def cancel(self, run_id: str) -> None:
        """Stop a run: its connections close, what is finished stays."""

    def forget(self, run_id: str) -> None:
        """Drop a run that is over; its images stay in the library."""

    def estimate(self, task: ImageTask) -> Estimate:
        """What it is likely to cost; asks nobody."""
        return Estimate() if task.count else Estimate(0.0)

    async def check(self, task: ImageTask) -> None:
        """Look for what stands against a task; nothing is sent.

        Raises:
            AIProxyError: what is wrong, and what to do.
        """

    async def drain(self) -> None:
        """Cancel what runs and wait until all that is finished is kept."""
        await self._scope.close()
