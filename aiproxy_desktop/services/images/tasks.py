"""What is asked of an image model in one go, and what has come of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.images.values import ImageUsage
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.storage.image_records import StoredImage

# `failed` holds what came before that; so does `cancelled`.
RunState: TypeAlias = Literal["running", "done", "failed", "cancelled"]

# `exact`: a price an image. `about`: worked out of tokens, or what earlier images cost. `unknown`: no number.
Certainty: TypeAlias = Literal["exact", "about", "unknown"]

# Where an estimate comes from: nothing is charged, the table of prices, or earlier images made here.
Basis: TypeAlias = Literal["", "free", "table", "earlier"]


@dataclass(frozen=True, slots=True)
class ImageTask:
    """One prompt for one model.

    `model` is a reference (`provider:id`), `options` are the request's own fields by name (`size`, `quality`,
    `background` …) without `n`: `count` says how many images are wanted, from however many requests. With
    `base` it is an edit, of what `mask` (255 may change; of the base's size) leaves free, or of all of it;
    `feather` is in pixels. `references` go along to be looked at. With `protect` every pixel outside the
    mask stays as it was; else the model's own image is kept. Tasks on one prompt share a `group`.
    """

    model: str
    prompt: str
    options: Mapping[str, Any] = field(default_factory=dict)
    count: int = 1
    base: StoredImage | None = None
    mask: Mask | None = None
    feather: float = 0.0
    references: tuple[StoredImage, ...] = ()
    protect: bool = True
    group: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one image: empty, with a preview (a file, as it came), or with the image that is kept."""

    index: int
    preview: bytes | None = field(default=None, repr=False)
    image: StoredImage | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A task under way or over; at each change there is a new value.

    `cost` is in US dollars, of all requests that ended so far; None is unknown. `error` is why images are
    missing. `words` is what the model said besides; `notes` are sentences about what was left out or changed.
    The task of a run that is over has no mask any more: that is with the images.
    """

    id: str
    task: ImageTask
    state: RunState
    slots: tuple[Slot, ...]
    began_at: datetime
    ended_at: datetime | None = None
    error: AIProxyError | None = None
    cost: float | None = None
    usage: ImageUsage | None = None
    words: str = ""
    notes: tuple[str, ...] = ()

    @property
    def images(self) -> tuple[StoredImage, ...]:
        """The images that are kept, in order."""
        return tuple(slot.image for slot in self.slots if slot.image is not None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a task is likely to cost, in US dollars for all its images; 0 is free, None is unknown."""

    usd: float | None = None
    certainty: Certainty = "unknown"
    basis: Basis = ""
