"""What is kept of an image besides its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

# Where an image came from: a model, a file or the clipboard, the chat, or a change made here without a model.
ImageOrigin: TypeAlias = Literal["generated", "edited", "opened", "chat", "cropped", "extended"]

# What a parent was used as: what was changed, or something beside it to go by.
ParentRole: TypeAlias = Literal["base", "reference"]


@dataclass(frozen=True, slots=True)
class ImageParent:
    """An image that another was made from; it stays named where it has been deleted since."""

    id: str
    role: ParentRole = "base"


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image about to be kept.

    `name` is a file's name or a short title. `model` is a reference (`provider:id`), `parameters` are the
    options it was asked with (JSON). `cost` is in US dollars, a share of the request's where that made
    several; None is unknown. `run` is shared by the images of one model's answer, `group` by those of all
    models that were asked at once.
    """

    origin: ImageOrigin
    mime: str
    width: int
    height: int
    name: str = ""
    prompt: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cost: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    parents: tuple[ImageParent, ...] = ()
    run: str = ""
    group: str = ""
    conversation_id: str = ""
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class StoredImage:
    """An image that is kept.

    `hash` names its bytes (see `blobs`), `mask_hash` those of the mask it was made with (a PNG in grey, white
    where it was changed), empty where there was none. `family` is the id of the first image of its chain of
    versions: its own where it has no base.
    """

    id: str
    hash: str
    size_bytes: int
    created_at: datetime
    family: str
    origin: ImageOrigin
    mime: str
    width: int
    height: int
    name: str = ""
    prompt: str = ""
    model: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    cost: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    parents: tuple[ImageParent, ...] = ()
    run: str = ""
    group: str = ""
    conversation_id: str = ""
    message_id: str = ""
    mask_hash: str = ""
    favourite: bool = False
    tags: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        """The id of the image it was made of by a change; empty where there is none."""
        return next((parent.id for parent in self.parents if parent.role == "base"), "")
