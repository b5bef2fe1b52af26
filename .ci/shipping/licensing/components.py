"""What an installed application is made of, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from shipping.errors import ShippingError

Kind = Literal["package", "library", "part", "runtime", "model", "font", "data"]


class UnknownComponentError(ShippingError):
    """Something would be shipped that nobody can name, or whose licence is unknown or not allowed."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text that comes with a component: a file that stands as it is, or words of our own making."""

    name: str
    source: Path | None = None
    words: str = ""

    def read(self) -> str:
        """The text, with lines that end in one way."""
        if self.source is None:
            return self.words
        raw = self.source.read_bytes()
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        return "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"


@dataclass(frozen=True, slots=True)
class Component:
    """Something of others that is shipped.

    `licence` is an SPDX expression as its authors declare it (spdx.org/licenses), `within` the name of the
    component that carries it inside its own files, `files` where it lies in the frozen tree, from its top.
    """

    name: str
    version: str
    licence: str
    kind: Kind
    within: str = ""
    url: str = ""
    purl: str = ""
    note: str = ""
    group: str = ""
    copyright: tuple[str, ...] = ()
    # Terms that are a sentence, in place of a text.
    words: str = ""
    texts: tuple[Text, ...] = ()
    files: tuple[str, ...] = field(default=(), repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """Sorts components of one carrier behind it."""
        return (self.within.lower() or self.name.lower(), self.within and self.name.lower(), self.version)
