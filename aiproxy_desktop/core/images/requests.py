"""Whether a model takes what is asked of it, found out before anything is sent. Nothing is changed here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError, UnsupportedError
from aiproxy_desktop.core.images.models import IMAGE_MODELS, ImageModelFacts

# gpt-image-2 and later: any size of these bounds (openai-python 3.57.0).
SIZE_STEP = 16
LONGEST_SIDE = 3840
MOST_PIXELS = 3840 * 2160
MOST_RATIO = 3
_FREE = f", or any size in steps of {SIZE_STEP} up to 3840x2160 or 2160x3840, no longer than 3:1"

# Options that are one of a few words: what a sentence calls them, and where the row has the words.
_CHOICES: tuple[tuple[str, str, str], ...] = (
    ("quality", "quality", "qualities"),
    ("background", "background", "backgrounds"),
    ("output_format", "format", "formats"),
    ("moderation", "moderation", "moderations"),
    ("style", "style", "styles"),
    ("input_fidelity", "input fidelity", "fidelities"),
    ("aspect_ratio", "aspect ratio", "aspect_ratios"),
    ("image_size", "image size", "resolutions"),
)
_RESPONSE_FORMATS = ("b64_json", "url")


def given_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options without those that are None, enumerations by their values."""
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in options.items()}
    return {name: value for name, value in plain.items() if value is not None}


def without_unknown(
    facts: ImageModelFacts | None, options: Mapping[str, Any], *, edit: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """Options without those that a known model does not have, and a sentence about each of them.

    A compression without a format, as the seed's examples have it, says nothing: what comes is a PNG.
    """
    given = given_options(options)
    if facts is None:
        return given, {}
    taken = (facts.edit_fields if edit else facts.fields) | {"n"}
    notes = {name: f"{name} was left out: {facts.id} takes none." for name in given if name not in taken}
    if "output_compression" in given and facts.formats and "output_format" not in given:
        notes["output_compression"] = (
            "output_compression was left out: a PNG has none. Choose jpeg or webp as output_format."
        )
    left = {name: value for name, value in given.items() if name in taken and name not in notes}
    notes.pop("response_format", None)  # the bytes are what every answer has
    return left, notes


def check_options(
    facts: ImageModelFacts | None,
    prompt: str,
    options: Mapping[str, Any],
    *,
    inputs: int = 0,
    mask: bool = False,
) -> None:
    """Refuse what the model would refuse, naming what it takes. Of an unknown one only the prompt is checked.

    Args:
        facts: the model's row.
        prompt: what to show.
        options: the request's own fields.
        inputs: how many images go along; 0 generates.
        mask: whether a mask does.

    Raises:
        InvalidRequestError: a value, an option, or two of them together.
        UnsupportedError: it edits no images, or takes no mask.
    """
    if not prompt.strip():
        raise InvalidRequestError("There is no prompt", "Say what the image shall show.")
    if mask and not inputs:
        raise InvalidRequestError("There is a mask and no image", "Give the image that it belongs to.")
    count = options.get("n")
    if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
        most = facts.most_images if facts is not None else 10
        raise InvalidRequestError(
            f"{str(count)[:60]} is no number of images", f"Ask for {'1' if most == 1 else f'1 to {most}'}."
        )
    if facts is None:
        return
    if len(prompt) > facts.max_prompt:
        raise InvalidRequestError(
            f"The prompt is too long for {facts.id}",
            f"It has {len(prompt):,} of {facts.max_prompt:,} characters.",
        )
    _check_inputs(facts, inputs, mask=mask)
    given = given_options(options)
    _check_names(facts, given, edit=inputs > 0)
    _check_numbers(facts, given)
    _check_size(facts, given.get("size"))
    for name, shown, row in _CHOICES:
        _check_choice(facts, shown, given.get(name), getattr(facts, row))
    _check_choice(facts, "response format", given.get("response_format"), _RESPONSE_FORMATS)
    _check_together(facts, given)


def check_shape(facts: ImageModelFacts, options: Mapping[str, Any]) -> None:
    """Refuse an aspect ratio or an image size that a model does not make.

    Raises:
        InvalidRequestError: naming those that it makes.
    """
    given = given_options(options)
    _check_names(facts, given, edit=False)
    for name, shown, row in _CHOICES:
        _check_choice(facts, shown, given.get(name), getattr(facts, row))


def is_free_size(size: Any) -> bool:
    """Whether a size is within the bounds of the models that take any."""
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(size))
    if sides is None:
        return False
    width, height = int(sides[1]), int(sides[2])
    if not width or not height or width % SIZE_STEP or height % SIZE_STEP:
        return False
    if width * height > MOST_PIXELS:
        return False
    return max(width, height) <= min(LONGEST_SIDE, MOST_RATIO * min(width, height))


def _check_inputs(facts: ImageModelFacts, inputs: int, *, mask: bool) -> None:
    if inputs and not facts.edits:
        raise UnsupportedError(
            f"{facts.id} does not edit images",
            f"{', '.join(_able('edits')[:3])} do.",
            part="edit",
            model=f"{facts.maker}:{facts.id}",
            alternatives=_able("edits"),
        )
    if inputs > facts.most_inputs and inputs:
        most = "one image" if facts.most_inputs == 1 else f"1 to {facts.most_inputs} images"
        raise InvalidRequestError(f"{facts.id} cannot take {inputs} images at once", f"Give {most}.")
    if mask and not facts.masks:
        raise UnsupportedError(
            f"{facts.id} takes no mask",
            f"{', '.join(_able('masks')[:3])} do; or say in the prompt what shall change.",
            part="mask",
            model=f"{facts.maker}:{facts.id}",
            alternatives=_able("masks"),
        )


def _able(what: str) -> tuple[str, ...]:
    """References of present models that can do something."""
    return tuple(
        f"{one.maker}:{one.id}" for one in IMAGE_MODELS if getattr(one, what) and one.retired_on is None
    )


def _check_names(facts: ImageModelFacts, given: Mapping[str, Any], *, edit: bool) -> None:
    taken = (facts.edit_fields if edit else facts.fields) | {"n"}
    unknown = next((name for name in given if name not in taken), None)
    if unknown is None:
        return
    doing = " when it edits" if edit and unknown in facts.fields else ""
    if unknown == "input_fidelity" and facts.fidelities:
        doing = " without an image to edit"
    shown = ", ".join(sorted(taken - {"response_format"}))
    raise InvalidRequestError(f"{facts.id} takes no {unknown[:60]}{doing}", f"It takes {shown}.")


def _check_numbers(facts: ImageModelFacts, given: Mapping[str, Any]) -> None:
    if not _is_within(given.get("n", 1), 1, facts.most_images):
        most = facts.most_images
        raise InvalidRequestError(
            f"{facts.id} cannot make {given['n']} images at once",
            f"Ask for {'1' if most == 1 else f'1 to {most}'}.",
        )
    if not _is_within(given.get("output_compression", 0), 0, 100):
        raise InvalidRequestError(
            f"The compression cannot be {given['output_compression']}", "Give a whole number from 0 to 100."
        )
    if not _is_within(given.get("partial_images", 0), 0, facts.most_previews):
        raise InvalidRequestError(
            f"{facts.id} cannot show {given['partial_images']} previews",
            f"Ask for 0 to {facts.most_previews}.",
        )
    for name in ("user", "safety_identifier"):
        if not isinstance(given.get(name, ""), str):
            raise InvalidRequestError(f"The option “{name}” is no text", "Give an id as text.")


def _check_size(facts: ImageModelFacts, size: Any) -> None:
    if size is None or size in facts.sizes or (facts.free_size and is_free_size(size)):
        return
    free = _FREE if facts.free_size else ""
    raise InvalidRequestError(
        f"{facts.id} makes no images of the size {str(size)[:60]}",
        f"It takes {', '.join(facts.sizes)}{free}.",
    )


def _check_choice(facts: ImageModelFacts, shown: str, value: Any, words: tuple[str, ...]) -> None:
    if value is not None and value not in words:
        raise InvalidRequestError(
            f"{facts.id} knows no {shown} {str(value)[:60]}", f"It takes {', '.join(words)}."
        )


def _check_together(facts: ImageModelFacts, given: Mapping[str, Any]) -> None:
    kind = given.get("output_format", facts.formats[0] if facts.formats else "png")
    if given.get("background") == "transparent" and kind == "jpeg":
        raise InvalidRequestError(
            "A JPEG cannot have a transparent background", "Choose png or webp as the format."
        )
    if "output_compression" in given and kind == "png":
        raise InvalidRequestError("A PNG has no compression to set", "Choose jpeg or webp as the format.")


def _is_within(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
