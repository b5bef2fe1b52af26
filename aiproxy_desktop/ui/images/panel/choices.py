"""What a person chose, kept apart from what is sent: only what a model takes. No Qt here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from aiproxy_desktop.ui.images.panel.controls import COMPRESSED, Control, Section
from aiproxy_desktop.ui.translation import tr

# What has a place of its own in a request.
_TAKEN = frozenset({"model", "prompt", "n", "size", "image", "mask", "stream", "partial_images"})


class Choices:
    """Values by option, and by model where models are compared.

    A value that the models in use do not take stays, for one that comes back; it is neither shown nor sent.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, str], str | int] = {}

    def choose(self, section: Section, option: str, value: str | int) -> None:
        """Choose a value for the models of a section."""
        self._values[section.reference, option] = value
        if not section.reference:
            # What all of them shall have is the last word for each.
            for key in [key for key in self._values if key[1] == option and key[0]]:
                del self._values[key]

    def take(self, options: Mapping[str, Any]) -> None:
        """Choose exactly these, as those of a picture whose settings are used again."""
        self._values = {
            ("", option): value for option, value in options.items() if isinstance(value, str | int)
        }

    def effective(self, section: Section, control: Control) -> str | int:
        """The value in force: the chosen one where the control takes it, else its default."""
        for key in ((section.reference, control.option), ("", control.option)):
            value = self._values.get(key)
            if value is not None and control.takes(value):
                return value
        return control.default

    def shown(self, section: Section, sections: Sequence[Section]) -> tuple[Control, ...]:
        """The controls of a section that mean something now: compression only where there is some."""
        return tuple(
            control
            for control in section.controls
            if control.option != "output_compression"
            or self._format(section.reference, sections) in COMPRESSED
        )

    def options(self, reference: str, sections: Sequence[Section]) -> dict[str, Any]:
        """What to send to a model besides the prompt and how many: what was chosen and is no default.

        Raises:
            ValueError: a line of the further fields is not one; the sentence says which.
        """
        found: dict[str, Any] = {}
        for section in _for(reference, sections):
            for control in self.shown(section, sections):
                value = self.effective(section, control)
                if control.kind == "fields":
                    found |= fields_from(str(value))
                elif control.option != "n" and value not in {"", "auto", _left_out(control)}:
                    found[control.option] = value
        return found

    def count(self, reference: str, sections: Sequence[Section]) -> int:
        """How many pictures a model is asked for."""
        for section in _for(reference, sections):
            for control in section.controls:
                if control.option == "n":
                    return int(self.effective(section, control))
        return 1

    def _format(self, reference: str, sections: Sequence[Section]) -> str:
        for section in _for(reference, sections):
            for control in section.controls:
                if control.option == "output_format":
                    return str(self.effective(section, control))
        return ""


def fields_from(text: str) -> dict[str, Any]:
    """Further fields from lines `name=value`; a value that is JSON is read as such (`seed=7`).

    Raises:
        ValueError: a line is not one; the sentence says which.
    """
    found: dict[str, Any] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        name, equals, value = (part.strip() for part in line.partition("="))
        if not equals or not name.isidentifier():
            raise ValueError(tr("“{line}” is no field: write it as name=value.", line=line[:40]))
        if name in _TAKEN:
            raise ValueError(tr("“{name}” is set elsewhere in this panel: take that line out.", name=name))
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found


def _left_out(control: Control) -> str | int:
    """The value that is the same as sending nothing."""
    return 100 if control.option == "output_compression" else ""


def _for(reference: str, sections: Sequence[Section]) -> Iterable[Section]:
    return (section for section in sections if section.reference in {"", reference})
