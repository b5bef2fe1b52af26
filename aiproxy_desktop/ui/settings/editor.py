"""The one inline editor that can be open on the settings page, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Note = Literal["muted", "success", "danger"]


@dataclass(frozen=True, slots=True)
class Editor:
    """What is being edited, and how that stands.

    `target` is the id of the provider or endpoint, empty for a new endpoint. `errors` has a sentence
    for each field that was refused (`key`, `host`, `name`, `base_url`). `note` is a line about the
    whole, such as the outcome of a test. `has_key` is set where an empty key field keeps a key.
    """

    kind: Literal["key", "host", "endpoint"]
    target: str = ""
    label: str = ""
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    note: str = ""
    note_tone: Note = "muted"
    busy: bool = False
    has_key: bool = False

    @property
    def identity(self) -> tuple[str, str]:
        """Same identity, same form on the screen: what was typed stays."""
        return self.kind, self.target
