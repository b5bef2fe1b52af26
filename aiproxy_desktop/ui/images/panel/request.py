"""What stands in the panel at one moment, and what speaks against sending it. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.core.images.requests import check_options
from aiproxy_desktop.services.images.catalogue import ImageOffer
from aiproxy_desktop.services.images.picture import Mask
from aiproxy_desktop.services.images.tasks import ImageTask
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.ui.images.panel.choices import Choices, fields_from
from aiproxy_desktop.ui.images.panel.controls import Control, Section
from aiproxy_desktop.ui.images.panel.sizes import sides, size_problem
from aiproxy_desktop.ui.translation import tr

# How many models can be asked at once.
MOST_MODELS = 4


@dataclass(frozen=True, slots=True)
class EditParts:
    """What the canvas gives along: where the picture may change, and how soft the edge is (pixels)."""

    mask: Mask | None = None
    feather: float = 0.0


@dataclass(frozen=True, slots=True)
class MaskState:
    """What is known of the mask before it is made.

    `problem` is a sentence about why it cannot be used as it is. With `extends` the canvas is larger than the
    picture, and what is new is to be filled.
    """

    has_mask: bool = False
    extends: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that go along."""

    base: StoredImage | None = None
    mask: MaskState = MaskState()
    references: tuple[StoredImage, ...] = ()
    protect: bool = True

    @property
    def any(self) -> bool:
        """Whether there is one, so that a request is an edit."""
        return self.base is not None or bool(self.references)

    def most_references(self, offers: Sequence[ImageOffer]) -> int:
        """How many references the models take beside the base."""
        beside = 0 if self.base is None else 1
        # A model nobody knows is asked with what it is given; sixteen is what the dialect's own maker takes.
        takes = [16 if offer.facts is None else offer.facts.most_inputs for offer in offers]
        return max(0, min(takes, default=0) - beside)


def tasks_of(
    prompt: str,
    offers: Sequence[ImageOffer],
    choices: Choices,
    sections: Sequence[Section],
    pictures: Pictures,
    parts: EditParts | None = None,
    group: str = "",
) -> tuple[ImageTask, ...]:
    """One task for each model.

    Raises:
        ValueError: a value cannot be sent; the sentence says which.
    """
    parts = parts or EditParts()
    return tuple(
        ImageTask(
            offer.reference,
            prompt.strip(),
            _options(choices, offer, sections),
            choices.count(offer.reference, sections),
            pictures.base,
            parts.mask,
            parts.feather,
            pictures.references,
            pictures.protect,
            group,
        )
        for offer in offers
    )


def obstacle(
    room: str,
    prompt: str,
    known: Sequence[ImageOffer],
    offers: Sequence[ImageOffer],
    choices: Choices,
    sections: Sequence[Section],
    pictures: Pictures,
) -> str:
    """Why this cannot be sent, as one sentence; empty where it can. Asks nobody."""
    if not any(offer.ready for offer in known) and not any(offer.ready for offer in offers):
        return tr("No model for pictures is ready: add a key or a provider in Models.")
    if not offers:
        return tr("Choose a model.")
    if room == "edit" and pictures.base is None:
        return tr("Open, drop or paste a picture first.")
    for offer in offers:
        if not offer.ready:
            return offer.why or tr("{model} is not ready.", model=offer.name)
    return (
        _of_pictures(offers, pictures)
        or _of_values(choices, sections)
        or ("" if prompt.strip() else _no_prompt(room))
        or _of_the_core(prompt, offers, choices, sections, pictures)
    )


def _of_the_core(
    prompt: str,
    offers: Sequence[ImageOffer],
    choices: Choices,
    sections: Sequence[Section],
    pictures: Pictures,
) -> str:
    """What the check before sending would refuse besides, such as a prompt that is too long."""
    inputs = (pictures.base is not None) + len(pictures.references)
    for offer in offers:
        try:
            check_options(offer.facts, prompt, choices.options(offer.reference, sections), inputs=inputs)
        except RequestError as error:
            return str(error)
    return ""


def _no_prompt(room: str) -> str:
    return tr("Say what should change.") if room == "edit" else tr("Say what the picture shall show.")


def _of_pictures(offers: Sequence[ImageOffer], pictures: Pictures) -> str:
    for offer in offers:
        facts = offer.facts
        if not pictures.any or facts is None or facts.edits:
            continue
        if pictures.base is not None:
            return tr("{model} only makes new pictures: choose another model.", model=offer.name)
        return tr("{model} takes no reference pictures: remove them or choose another.", model=offer.name)
    most, count = pictures.most_references(offers), len(pictures.references)
    if count > most:
        return tr("Too many reference pictures: {most} at most. Remove some.", most=most)
    return pictures.mask.problem


def _of_values(choices: Choices, sections: Sequence[Section]) -> str:
    for section in sections:
        values = {control.option: choices.effective(section, control) for control in section.controls}
        for control in section.controls:
            problem = value_problem(control, values[control.option])
            if problem:
                return problem
        if values.get("background") == "transparent" and values.get("output_format") == "jpeg":
            return tr("JPEG has no transparency: choose PNG or WebP, or another background.")
    return ""


def value_problem(control: Control, value: str | int) -> str:
    """What is wrong with a value that was typed; empty where nothing is."""
    if control.kind == "fields":
        try:
            fields_from(str(value))
        except ValueError as error:
            return str(error)
        return ""
    if control.option != "size" or value in control.values or value in {"", "auto"}:
        return ""
    found = sides(str(value))
    if found is None:
        return tr("Write a size as width × height, such as 1024x1024.")
    return size_problem(*found) if control.free else ""


def _options(choices: Choices, offer: ImageOffer, sections: Sequence[Section]) -> dict[str, Any]:
    return choices.options(offer.reference, sections)
