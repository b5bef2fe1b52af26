"""Values for looking after the models of a server: what is there, what is loaded, what is being fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiproxy_desktop.core.models import ModelInfo


@dataclass(frozen=True, slots=True)
class PullProgress:
    """One step of fetching a model.

    `status` is the server's own word for it ("pulling manifest", "success"). With a `digest` it is about
    one layer of the model: `completed` of `total` bytes; None where the server did not say.
    """

    status: str
    digest: str = ""
    completed: int | None = None
    total: int | None = None


class PullTotals:
    """The progress of a whole pull, summed over its layers. Feed it every `PullProgress`.

    A server names its layers one after the other, so `total` grows while they become known.
    """

    def __init__(self) -> None:
        self._layers: dict[str, tuple[int, int]] = {}

    def feed(self, progress: PullProgress) -> None:
        """Take in one step."""
        if progress.digest:
            completed, total = self._layers.get(progress.digest, (0, 0))
            self._layers[progress.digest] = (
                completed if progress.completed is None else progress.completed,
                total if progress.total is None else progress.total,
            )

    @property
    def completed(self) -> int:
        """Bytes that are there."""
        return sum(completed for completed, _ in self._layers.values())

    @property
    def total(self) -> int:
        """Bytes of all layers known so far."""
        return sum(total for _, total in self._layers.values())

    @property
    def fraction(self) -> float | None:
        """From 0.0 to 1.0; None as long as no size is known."""
        return min(1.0, self.completed / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class RunningModel:
    """A model that is loaded. Sizes are in bytes, `context_window` in tokens as it was loaded.

    `vram_bytes` of `size_bytes` lie in the memory of a graphics card. It is unloaded at `expires_at`.
    """

    id: str
    size_bytes: int | None = None
    vram_bytes: int | None = None
    expires_at: datetime | None = None
    context_window: int | None = None


@dataclass(frozen=True, slots=True)
class DeletionSpace:
    """What deleting a model frees, in bytes (None is unknown), and which models share its space."""

    freed_bytes: int | None
    shared_with: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelDetails:
    """All that a server tells of one model. `defaults` are its own options, a line each; text as it came."""

    info: ModelInfo
    family: str = ""
    license: str = ""
    system: str = ""
    template: str = ""
    defaults: str = ""
    modified_at: datetime | None = None
    author: str = ""
