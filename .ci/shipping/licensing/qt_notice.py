"""The notice about the libraries that whoever has the application can exchange (LGPL 3, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from textwrap import fill

from shipping import marks
from shipping.layout import project
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.licence_texts import KNOWN_TEXTS, slug

# About shows it in a pane of about 85 letters.
_WIDTH = 80
# Lines that neither stand off from the edge, as lists and commands do, nor are rules below titles.
_PARAGRAPH = re.compile(r"^[^\s=-].*(?:\n[^\s=-].*)*", re.MULTILINE)
QT = ("Qt and PySide6", "Shiboken6")


def words(components: Iterable[Component], exchangeable: Iterable[Component]) -> str:
    """The notice, with the libraries that really lie in the bundle.

    Raises:
        UnknownComponentError: there is no Qt in it, or something that nobody could exchange.
        KeyError: the template has a mark that nothing fills in.
    """
    qt = [component for component in components if component.name.startswith(QT)]
    if not qt:
        raise UnknownComponentError("The bundle holds no Qt, and yet there is a notice on it.")
    libraries = sorted({PurePosixPath(file).name for part in qt for file in part.files if _is_library(file)})
    folders = sorted(
        {str(PurePosixPath(file).parent) for part in qt for file in part.files if _is_library(file)}
    )
    # What Qt carries inside goes with Qt.
    others = [part for part in exchangeable if part not in qt and part.within not in QT]
    fixed = [part.name for part in others if not part.files]
    if fixed:
        raise UnknownComponentError(f"{fixed[0]} is under the LGPL and in no file of its own: leave it out.")
    version = qt[0].version
    notice = marks.filled(
        KNOWN_TEXTS / "QT.txt",
        RULE="=" * len(f"Qt and PySide6 in {project.NAME}"),
        TEXT=f"texts/{slug(qt[0].name)}.txt",
        QT=version,
        QT_SERIES=".".join(version.split(".")[:2]),
        LIBRARIES=_list(libraries) + "\n\nin these folders, beside the executable:\n\n" + _list(folders),
        OTHERS="\n\n".join(_other(component) for component in others) or "There are none.",
    )
    return _PARAGRAPH.sub(lambda found: _wrapped(found[0].replace("\n", " ")), notice)


def _is_library(file: str) -> bool:
    name = PurePosixPath(file).name.lower()
    return ".so" in name or name.endswith((".dll", ".pyd", ".dylib")) or name.startswith("qt")


def _list(names: list[str]) -> str:
    return _wrapped(", ".join(names), " " * 4)


def _wrapped(words: str, before: str = "") -> str:
    return fill(
        words,
        _WIDTH,
        initial_indent=before,
        subsequent_indent=before,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _other(component: Component) -> str:
    where = ", ".join(component.files)
    return (
        f"{component.name} {component.version}, {component.licence}: {where}. Its source is at "
        f"{component.url}, and with the distribution whose package this is: {component.purl}."
    )
