"""An edit on its way to a model and back: prepared, asked for by whoever runs it, and finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from aiproxy_desktop.core.errors import InvalidRequestError, ProtocolError, RequestError
from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.core.images.values import ImageInput
from aiproxy_desktop.services.image_metadata import turned, without_metadata
from aiproxy_desktop.services.images.aligning import aligned, box_in_answer
from aiproxy_desktop.services.images.colours import from_srgb, to_srgb
from aiproxy_desktop.services.images.composing import composited
from aiproxy_desktop.services.images.encoding import PictureFormat, encode, on_white
from aiproxy_desktop.services.images.extending import with_edges
from aiproxy_desktop.services.images.instructing import instruction, marked_area
from aiproxy_desktop.services.images.masks import feathered, for_openai
from aiproxy_desktop.services.images.opening import open_picture
from aiproxy_desktop.services.images.padding import padded
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.services.images.planning import Box, EditPlan, plan_edit
from aiproxy_desktop.services.images.strips import least_and_most, lighter

# OpenAI's bound for an image (openai-python 3.54.0); others' are no lower.
_MOST_IMAGE_BYTES = 50_000_000
# Pixels over which a part that is the model's wholly fades into the picture.
_MOST_FADING = 64
_SENT_AS_IS = frozenset({"image/png", "image/jpeg", "image/webp"})


@dataclass(frozen=True, slots=True)
class PreparedEdit:
    """What is sent for an edit, and what its answer is laid into.

    `images` begins with the picture, or the part of it that is sent. `mask` is OpenAI's kind, of that image's
    size; None for models that take none: then `prompt` says where, and the second image shows it. `options`
    hold the size that goes with them. `picture` and `feathered` are what `finish_edit` works on.
    """

    images: tuple[ImageInput, ...]
    mask: bytes | None = field(repr=False)
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

    What is sent is sRGB without metadata: PNG, or what comes after it where that is too large.

    Args:
        picture: what is changed.
        mask: where it may change, as painted; None for everywhere.
        feather: pixels over which the mask fades outward.
        facts: what the model takes; where that is not known, the picture goes as it is, with a mask.
        prompt: what the person asked for.
        references: images beside it, which are sent after it.
        options: the request's; a size chosen there is kept to.

    Raises:
        InvalidRequestError: the mask is empty, of another size, or cannot be sent; or there are more images
            than the model takes.
        RequestError: a reference is no picture.
    """
    if mask is not None and mask.size != picture.size:
        raise InvalidRequestError(
            f"The mask has {_sides(mask.size)} pixels, the image {_sides(picture.size)}",
            "Paint the mask again.",
        )
    if mask is not None and mask.box is None:
        raise InvalidRequestError("Nothing is masked", "Paint over what shall change, or leave the mask out.")
    soft = feathered(mask, feather) if mask is not None else None
    plan = plan_edit(picture.size, soft.box if soft else None, facts, options or {})
    sent = _sent(picture, plan, see_through=facts is None or "transparent" in facts.backgrounds)
    images, mask_png = [_input(sent, "image")], None
    if soft is not None:
        place = _sent_mask(soft, plan)
        if facts is None or facts.masks:
            mask_png = for_openai(place)
        else:
            marked = facts.most_inputs != 1
            prompt = instruction(prompt, place, marked=marked)
            if marked:
                images.append(_input(marked_area(sent, place), "area"))
    images += [reference(one) for one in references]
    if facts is not None and 0 < facts.most_inputs < len(images):
        raise InvalidRequestError(
            f"{facts.id} takes {facts.most_inputs} images at most", "Leave out some of the reference images."
        )
    return PreparedEdit(
        tuple(images), mask_png, prompt, {**(options or {}), **plan.options}, plan, picture, soft
    )


def reference(image: ImageInput) -> ImageInput:
    """A reference without what is not seen in it; in a format and of a size that models take. Blocks.

    Raises:
        RequestError: it is no picture.
    """
    if image.mime in _SENT_AS_IS and len(image.data) < _MOST_IMAGE_BYTES and not turned(image.data):
        plain = without_metadata(image.data, image.mime)
        if plain is not None:
            return ImageInput(plain, image.mime, image.name)
    opened = open_picture(image.data, image.name or "image").picture
    return _input(to_srgb(opened.image, opened.icc) if opened.icc else opened.image, "reference")


def finish_edit(prepared: PreparedEdit, data: bytes, *, protect: bool = True) -> Picture:
    """The picture with the model's answer in it. It takes a while: call it on a thread.

    With a mask the result has the picture's size. Without one it is the answer itself, without padding.

    Args:
        prepared: what was sent.
        data: the answer, an image file of any size; one of another shape is laid where it fits best.
        protect: keep every byte of the picture where the feathered mask is 0; without, all of the part that
            was sent is the model's, and fades into the rest of the picture.

    Raises:
        ProtocolError: the answer is no picture that can be read.
    """
    try:
        answer = open_picture(data, "answer").picture
    except RequestError as error:
        raise ProtocolError(
            "The model answered with something that is no readable image",
            "Try again, or choose another model.",
        ) from error
    plan, picture, soft = prepared.plan, prepared.picture, prepared.feathered
    if soft is None:
        box = box_in_answer(answer.image, plan.sent_size, plan.content, answer.image, None)
        left, top, right, bottom = (round(side) for side in box)
        return Picture(answer.image.crop((left, top, right, bottom)), answer.icc)
    # Colours that nobody sees tell nothing about where the answer lies.
    original = _seen(picture.image.crop(plan.region), see_through=False)
    kept = soft.image.crop(plan.region).point([255] + [0] * 255)
    if not picture.icc == answer.icc == b"":
        original = to_srgb(original, picture.icc) if picture.icc else original
        answer = Picture(to_srgb(answer.image, answer.icc) if answer.icc else answer.image)
    box = box_in_answer(answer.image, plan.sent_size, plan.content, original, kept)
    made = from_srgb(aligned(answer.image, box, original, kept), picture.icc)
    if not protect:
        soft = _all_of(plan.region, soft)
    return composited(picture, made, soft, plan.region)


def _sent(picture: Picture, plan: EditPlan, *, see_through: bool) -> Image.Image:
    part = _seen(picture.image.crop(plan.region), see_through=see_through)
    if part.size != plan.content_size:
        part = part.resize(plan.content_size, Image.Resampling.LANCZOS)
    if picture.icc:
        part = to_srgb(part, picture.icc)
    return padded(part, plan.content, plan.sent_size)


def _seen(image: Image.Image, *, see_through: bool) -> Image.Image:
    """The image without room that is wholly see-through: there its edges go on, as a start for what comes.

    Other see-through pixels stay so for models that know them; for others they are on white.
    """
    if image.mode != "RGBA":
        return image
    alpha = image.getchannel("A")
    box = alpha.getbbox()
    if box is not None and least_and_most(alpha.crop(box))[0] == 255:
        return with_edges(image.crop(box).convert("RGB"), box, image.size)
    return image if see_through else on_white(image)


def _sent_mask(mask: Mask, plan: EditPlan) -> Mask:
    part = mask.image.crop(plan.region)
    if part.size != plan.content_size:
        part = part.resize(plan.content_size, Image.Resampling.BILINEAR)
    whole = Image.new("L", plan.sent_size)
    # What is only to be blended is made anew as well: services edit what is wholly see-through alone.
    whole.paste(part.point([0] + [255] * 255), plan.content[:2])
    return Mask(whole)


def _all_of(region: Box, mask: Mask) -> Mask:
    """A mask of a region and of what is masked; where the picture goes on beyond the region, it fades."""
    left, top, right, bottom = region
    band = min(_MOST_FADING, min(right - left, bottom - top) // 8)
    width, height = mask.size
    whole = Image.new("L", mask.size)
    whole.paste(
        255,
        (
            left + band if left else 0,
            top + band if top else 0,
            right - band if right < width else width,
            bottom - band if bottom < height else height,
        ),
    )
    return Mask(lighter(feathered(Mask(whole), band).image, mask.image))


def _sides(size: tuple[int, int]) -> str:
    return f"{size[0]} × {size[1]}"


def _input(image: Image.Image, name: str) -> ImageInput:
    data = encode(Picture(image), "png")
    if len(data) < _MOST_IMAGE_BYTES:
        return ImageInput(data, "image/png", f"{name}.png")
    form: PictureFormat = "webp" if image.mode == "RGBA" and max(image.size) <= 16383 else "jpeg"
    for quality in (95, 80):
        data = encode(Picture(image), form, quality=quality)
        if len(data) < _MOST_IMAGE_BYTES:
            return ImageInput(data, f"image/{form}", f"{name}.{form}")
    raise InvalidRequestError(
        f"An image of {image.width} × {image.height} pixels is too large to be sent",
        "Crop it, or make it smaller.",
    )
