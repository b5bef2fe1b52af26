"""The versions of a picture in the order of the strip. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from aiproxy_desktop.storage.image_records import StoredImage

# How a version follows the one before it in the strip: a step on, or another one of the same step.
Joint: TypeAlias = Literal["first", "next", "branch"]


@dataclass(frozen=True, slots=True)
class Version:
    """One picture of a chain. `number` is its step, with a letter from the second of a step on: 2, 2b, 3."""

    image: StoredImage
    number: str
    joint: Joint


def versions(family: Sequence[StoredImage]) -> tuple[Version, ...]:
    """All of a family, step by step; within a step in the order in which they were made."""
    bases = {image.id: image.base for image in family}
    steps: list[list[StoredImage]] = []
    for image in sorted(family, key=lambda one: (one.created_at, one.id)):
        step = len(_ancestors(image.id, bases)) - 1
        while len(steps) <= step:
            steps.append([])
        steps[step].append(image)
    found: list[Version] = []
    for number, made in enumerate((step for step in steps if step), 1):
        for place, image in enumerate(made):
            joint: Joint = "branch" if place else "next" if found else "first"
            found.append(Version(image, f"{number}{_letter(place)}", joint))
    return tuple(found)


def lineage(image_id: str, family: Sequence[StoredImage]) -> tuple[str, ...]:
    """A picture and what it was made from, step by step back to the first that is still there."""
    return _ancestors(image_id, {image.id: image.base for image in family})


def _ancestors(image_id: str, bases: dict[str, str]) -> tuple[str, ...]:
    found = [image_id]
    while (base := bases.get(found[-1], "")) in bases and base not in found:
        found.append(base)
    return tuple(found)


def _letter(place: int) -> str:
    """Nothing for the first, then b, c … z, aa and so on."""
    if not place:
        return ""
    text = ""
    while place >= 0:
        text = chr(ord("a") + place % 26) + text
        place = place // 26 - 1
    return text
