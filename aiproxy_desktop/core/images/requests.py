"""The fields of an image request, checked against what the model takes before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from aiproxy_desktop.core.errors import InvalidRequestError
from aiproxy_desktop.core.images.models import ImageModelFacts, image_model_facts

# gpt-image-2 and later: any size of these bounds (openai-python 3.54.0).
_STEP = 16
_LONGEST_SIDE = 3840
_MOST_PIXELS = 3840 * 2160
_MOST_RATIO = 3


def image_fields(
    model: str, prompt: str, options: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The fields to send besides model and prompt, and a note for each that this model does not take.

    Raises:
        InvalidRequestError: a value that the model would refuse.
    """
    if not prompt.strip():
        raise InvalidRequestError("There is no prompt", "Say what the image shall show.")
    given = {name: _plain(value) for name, value in options.items() if value is not None}
    facts = image_model_facts(model)
    if facts is None:
        return given, []
    _check(facts, prompt, given)
    notes = []
    for name in [name for name in given if name not in facts.fields and name != "n"]:
        del given[name]
        notes.append({"parameter": name, "sentence": f"{name} was left out: {model} takes none."})
    if "response_format" in facts.fields:
        # The bytes themselves: an address would have to be fetched, and lasts for an hour.
        given["response_format"] = "b64_json"
    if given.get("n") == 1:
        del given["n"]
    return given, [note for note in notes if note["parameter"] != "response_format"]


def _check(facts: ImageModelFacts, prompt: str, given: Mapping[str, Any]) -> None:
    if len(prompt) > facts.max_prompt:
        raise InvalidRequestError(
            f"The prompt is too long for {facts.id}",
            f"It has {len(prompt):,} of {facts.max_prompt:,} characters.",
        )
    count = given.get("n", 1)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= facts.most_images:
        most = facts.most_images
        raise InvalidRequestError(
            f"{facts.id} cannot make {count} images at once",
            f"Ask for {'1' if most == 1 else f'1 to {most}'}.",
        )
    size = given.get("size")
    if size is not None and size not in facts.sizes and not (facts.free_size and _is_free_size(size)):
        free = ", or any size in steps of 16 up to 3840x2160 or 2160x3840" if facts.free_size else ""
        raise InvalidRequestError(
            f"{facts.id} makes no images of the size {size}", f"It takes {', '.join(facts.sizes)}{free}."
        )
    quality = given.get("quality")
    if quality is not None and facts.qualities and quality not in facts.qualities:
        raise InvalidRequestError(
            f"{facts.id} knows no quality {quality}", f"It takes {', '.join(facts.qualities)}."
        )


def _is_free_size(size: Any) -> bool:
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", str(size))
    if sides is None:
        return False
    width, height = int(sides[1]), int(sides[2])
    if not width or not height or width % _STEP or height % _STEP:
        return False
    if width * height > _MOST_PIXELS:
        return False
    return max(width, height) <= min(_LONGEST_SIDE, _MOST_RATIO * min(width, height))


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
