"""Which controls models have, as the table of their abilities says. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from aiproxy_desktop.core.images.models import ImageModelFacts
from aiproxy_desktop.ui.images.panel.sizes import presets

ControlKind: TypeAlias = Literal["choice", "size", "number", "percent", "text", "fields"]

# Of a model of which nothing is known: what servers of OpenAI's dialect take at most.
_MOST_UNKNOWN = 10
COMPRESSED = ("jpeg", "webp")


@dataclass(frozen=True, slots=True)
class Control:
    """One option that can be set.

    `values` are those to choose from; without `auto` among them the empty one leaves it to the model. `free`
    says that a size may be any. `least` and `most` bound a number, which is `start` before anybody chose.
    """

    option: str
    kind: ControlKind
    values: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    start: int = 0
    free: bool = False

    @property
    def default(self) -> str | int:
        """What stands there before anybody chose."""
        if self.kind in {"number", "percent"}:
            return max(self.least, min(self.start, self.most))
        return "auto" if "auto" in self.values else ""

    def takes(self, value: object) -> bool:
        """Whether a value is one of its own."""
        if self.kind in {"number", "percent"}:
            return isinstance(value, int) and self.least <= value <= self.most
        return value in self.values or value == self.default or self.kind in {"text", "fields"} or self.free


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that is asked: its reference, its name, and what is known of it."""

    reference: str
    name: str
    facts: ImageModelFacts | None


@dataclass(frozen=True, slots=True)
class Section:
    """Controls that belong together: of all models (no reference, no title), or of one alone."""

    reference: str
    title: str
    controls: tuple[Control, ...]


def controls_of(facts: ImageModelFacts | None, *, editing: bool) -> tuple[Control, ...]:
    """All that one model has, in the order in which it is shown.

    Args:
        facts: its row; None where nothing is known of it.
        editing: whether pictures go along.
    """
    if facts is None:
        return (
            Control("size", "text"),
            Control("n", "number", least=1, most=_MOST_UNKNOWN),
            Control("fields", "fields"),
        )
    found = [
        _size(facts),
        Control("aspect_ratio", "choice", facts.aspect_ratios),
        Control("image_size", "choice", facts.resolutions),
        Control("quality", "choice", facts.qualities),
        Control("background", "choice", facts.backgrounds),
        Control("output_format", "choice", facts.formats),
        Control("style", "choice", facts.styles),
        Control("input_fidelity", "choice", facts.fidelities),
        Control("n", "number", least=1, most=facts.most_images),
        # With previews each picture is a request of its own, which pays for the pictures that go along.
        Control("partial_images", "number", least=0, most=facts.most_previews, start=0 if editing else 1),
        Control("moderation", "choice", facts.moderations),
    ]
    if "output_compression" in facts.fields and set(COMPRESSED) & set(facts.formats):
        found.insert(6, Control("output_compression", "percent", least=0, most=100, start=100))
    taken = (facts.edit_fields if editing else facts.fields) | {"n"}
    return tuple(control for control in found if control.option in taken and _is_one(control))


def sections_of(models: Sequence[Chosen], *, editing: bool) -> tuple[Section, ...]:
    """What is common to all models first, then each one's own under its name.

    Common is an option whose values they share at least two of.
    """
    each = [controls_of(model.facts, editing=editing) for model in models]
    if len(each) == 1:
        return (Section("", "", each[0]),)
    common = {control.option: control for control in _common(each)}
    shared = Section("", "", tuple(common.values()))
    own = (
        Section(model.reference, model.name, tuple(one for one in controls if one.option not in common))
        for model, controls in zip(models, each, strict=True)
    )
    return (*((shared,) if common else ()), *(section for section in own if section.controls))


def _size(facts: ImageModelFacts) -> Control:
    return Control("size", "size", presets(facts.sizes, free=facts.free_size), free=facts.free_size)


def _is_one(control: Control) -> bool:
    """Whether there is anything to choose."""
    return bool(control.values) or control.most > control.least


def _common(each: Sequence[Sequence[Control]]) -> Iterable[Control]:
    for control in each[0] if each else ():
        others = [next((one for one in more if one.option == control.option), None) for more in each[1:]]
        merged: Control | None = control
        for other in others:
            merged = None if merged is None or other is None else _merged(merged, other)
        if merged is not None:
            yield merged


def _merged(one: Control, other: Control) -> Control | None:
    """What two controls of one option have in common; None where that leaves no choice."""
    if one.kind != other.kind or one.kind == "fields":
        return None
    if one.kind in {"number", "percent"}:
        least, most = max(one.least, other.least), min(one.most, other.most)
        return replace(one, least=least, most=most) if most > least else None
    if one.kind == "text":
        return one
    values = tuple(value for value in one.values if value in other.values)
    return replace(one, values=values, free=one.free and other.free) if len(values) > 1 else None
