"""An edit on its way to a model and back: prepared, asked for by whoever runs it, and finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.services.images.colours import from_srgb, to_srgb
from aiproxy_desktop.services.images.composing import composited
from aiproxy_desktop.services.images.encoding import encode
from aiproxy_desktop.services.images.masks import feathered, for_openai
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.padding import padded
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.planning import EditPlan, plan_edit


@dataclass(frozen=True, slots=True)
class PreparedEdit:
    """What is sent for an edit, and what its answer is laid into.

    `images` begins with the picture, or the part of it that is sent; `mask` is OpenAI's kind, None for models
    that take none: then `prompt` says where, and the second image shows it. `options` hold the size that
    goes with them. `picture` and `feathered` are the originals that `finish_edit` works on.
    """

    images: tuple[ImageInput, ...]
    mask: bytes | None
    prompt: str
    options: Mapping[str, Any]
    plan: EditPlan
    picture: Picture = field(repr=False)
    feathered: Mask | None = field(repr=False)


def prepare_edit(
    picture: Picture,
    mask: Mask | None,
    feather: float,
    facts: ImageModelFacts | None,
    prompt: str,
    references: Sequence[ImageInput] = (),
    options: Mapping[str, Any] | None = None,
) -> PreparedEdit:
    """Make ready what is sent to a model. It takes a while: call it on a thread.

    Args:
        picture: what is changed.
        mask: where it may change, as painted; None for everywhere.
        feather: pixels over which the mask fades outward.
        facts: what the model takes; None where that is not known.
        prompt: what the person asked for.
        references: images beside it, which are sent after it.
        options: the request's; a size chosen there is kept to.

    Raises:
        InvalidRequestError: the mask is empty or cannot be sent.
    """
    given = dict(options or {})
    soft = feathered(mask, feather) if mask is not None else None
    plan = plan_edit(picture.size, soft.box if soft else None, facts, given)
    sent = _sent(picture, plan)
    images = [ImageInput(encode(Picture(sent), "png"), "image/png", "image.png"), *references]
    mask_png = None
    if soft is not None:
        place = Image.new("L", plan.sent_size)
        place.paste(
            soft.image.crop(plan.region).resize(plan.content_size, Image.Resampling.BILINEAR),
            plan.content[:2],
        )
        mask_png = for_openai(Mask(place))
    return PreparedEdit(tuple(images), mask_png, prompt, {**given, **plan.options}, plan, picture, soft)


def finish_edit(prepared: PreparedEdit, data: bytes, *, protect: bool = True) -> Picture:
    """The picture with the model's answer in it. It takes a while: call it on a thread.

    Args:
        prepared: what was sent.
        data: the answer, an image file.
        protect: keep every byte of the picture where the feathered mask is 0.

    Raises:
        RequestError: the answer is no picture.
    """
    answer = open_picture(data, "the answer").picture
    plan = prepared.plan
    made = to_srgb(answer.image, answer.icc) if answer.icc else answer.image
    made = made.resize(plan.sent_size).crop(plan.content).resize(plan.region_size)
    made = from_srgb(made, prepared.picture.icc)
    if prepared.feathered is None:
        return Picture(made, prepared.picture.icc)
    whole = Image.new(made.mode, plan.size)
    whole.paste(made, plan.region[:2])
    return composited(prepared.picture, whole, prepared.feathered)


def _sent(picture: Picture, plan: EditPlan) -> Image.Image:
    part = picture.image.crop(plan.region)
    if part.size != plan.content_size:
        part = part.resize(plan.content_size, Image.Resampling.LANCZOS)
    if picture.icc:
        part = to_srgb(part, picture.icc)
    return padded(part, plan.content, plan.sent_size)
