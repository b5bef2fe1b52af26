"""Words for people, in the person's language. English is the source, and stands where nothing is translated.

Catalogues are gettext's; without one, `tr` costs a call and imports nothing. Call it where the words are
shown, never at import time: the language is known only once the settings are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import gettext

DOMAIN = "aiproxy-desktop"

# One process speaks one language: the one value of this package that belongs to no object.
_catalog: gettext.NullTranslations | None = None


def tr(text: str, /, **values: object) -> str:
    """The translation of `text`, with `{name}` replaced by the value of that name."""
    found = text if _catalog is None else _catalog.gettext(text)
    return found.format_map(values) if values else found


def tr_count(one: str, many: str, n: int, /, **values: object) -> str:
    """The form for `n` of them; `{n}` stands for the number, grouped by thousands."""
    found = (one if n == 1 else many) if _catalog is None else _catalog.ngettext(one, many, n)
    return found.format_map({"n": f"{n:,}"} | values)


def install(folder: Path, languages: Sequence[str]) -> str:
    """Speak the first of these languages that `folder` has a catalogue for (`de/LC_MESSAGES/….mo`).

    Returns:
        that language; empty for English, where there is none.

    Raises:
        OSError: a catalogue is there and cannot be read.
    """
    for language in languages:
        path = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
        if path.is_file():
            import gettext

            with path.open("rb") as file:
                use(gettext.GNUTranslations(file))
            return language
    use(None)
    return ""


def use(catalog: gettext.NullTranslations | None) -> None:
    """Speak as this catalogue does; None is English."""
    global _catalog  # noqa: PLW0603 - see above
    _catalog = catalog
