"""One text for each component: whose it is, its terms, and the whole words of its licence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from shipping.licensing.components import Component, UnknownComponentError

# Licences as such, for components whose own files hold no copy.
KNOWN_TEXTS = Path(__file__).parent / "texts"
# Which of those a licence needs.
_TEXTS_OF = {
    "LGPL-3.0-only": ("LGPL-3.0", "GPL-3.0"),
    "LGPL-3.0-or-later": ("LGPL-3.0", "GPL-3.0"),
    "LGPL-2.1-only": ("LGPL-2.1",),
    "LGPL-2.1-or-later": ("LGPL-2.1",),
    "LGPL-2.0-or-later": ("LGPL-2.1",),
    "GPL-3.0-or-later WITH GCC-exception-3.1": ("GPL-3.0", "GCC-exception-3.1"),
    "GPL-2.0-or-later WITH Bootloader-exception": (),  # PyInstaller's own file holds both
    "Apache-2.0 WITH LLVM-exception": ("Apache-2.0", "LLVM-exception"),
    # Nothing to copy: whose it is, and a sentence in the tables, say all there is.
    "LicenseRef-public-domain": (),
    "LicenseRef-ICC": (),
    "LicenseRef-LCS-Telegraphics": (),
    "LicenseRef-Microsoft-runtime": (),
    "LPPL-1.3c": (),
    "blessing": (),
}
# Texts that a package's own file often only names.
_ALWAYS = ("LGPL-", "GPL-", "MPL-")
_RULE = "-" * 78


def slug(name: str) -> str:
    """A name as that of a file."""
    return re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")


def own(component: Component, used: Sequence[str]) -> str:
    """The text of a component that stands for itself."""
    pieces = [heading(component)]
    pieces += [
        (f"{text.name}\n\n" if len(component.texts) > 1 else "") + text.read() for text in component.texts
    ]
    needed = [licence for licence in used if not component.texts or licence.startswith(_ALWAYS)]
    pieces += [_known(name, component) for name in _names(needed)]
    return f"\n{_RULE}\n\n".join(piece.rstrip() + "\n" for piece in pieces)


def together(title: str, parts: Iterable[tuple[Component, Sequence[str]]]) -> str:
    """One text for all that a component carries: whose each is, then each licence once."""
    parts = list(parts)
    pieces = [f"{title}\n", *(heading(part) for part, _ in parts)]
    text = "\n".join(pieces)
    for name in _names(licence for part, used in parts if not part.texts for licence in used):
        text += f"\n{_RULE}\n{name}\n{_RULE}\n\n{_known(name, parts[0][0])}"
    return text


def heading(component: Component) -> str:
    """Name, version, licence, whose it is, and where it lives."""
    lines = [f"{' '.join(filter(None, (component.name, component.version)))}: {component.licence}"]
    lines += [f"    {line}" for line in (*component.copyright, component.words, component.url) if line]
    return "\n".join(lines) + "\n"


def _names(licences: Iterable[str]) -> tuple[str, ...]:
    names = (name for licence in licences for name in _TEXTS_OF.get(licence, (licence,)))
    return tuple(dict.fromkeys(names))


def _known(name: str, component: Component) -> str:
    file = KNOWN_TEXTS / f"{name}.txt"
    if not file.is_file():
        raise UnknownComponentError(
            f"{component.name} has no text of {name} in its files, nor has texts/: put {name}.txt there."
        )
    return file.read_text(encoding="utf-8")
