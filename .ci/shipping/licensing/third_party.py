"""`THIRD_PARTY.md`: what the application builds on, from what is in the bundle and what the locks pin."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import Distribution

from shipping.layout import TOP, project
from shipping.licensing import inventory, known, packages
from shipping.licensing.components import Component, UnknownComponentError
from shipping.licensing.crates import PURL
from shipping.licensing.origins import installed

FILE = TOP / "THIRD_PARTY.md"
# What runs; what only makes installers is not passed on, apart from what of it is in the bundle.
_LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-model.lock")
_PINNED = re.compile(r"(?m)^([a-z0-9-]+)==([^ ;\\]+)")
_PYPI = "pkg:pypi/"


# The tables, in their order; what has no group stands in the one that is named first of `_REST`.
_TITLES = {
    "window": "The window",
    "sound": "Sound",
    "models": "Models and the network",
    "facts": "Facts about models",
    "storage": "Keys and storage",
    "telemetry": "Counts and traces",
    "runtime": "Python",
    "system": "Libraries of the system that come along on Linux",
    "making": "What starts the installed application, and what builds it",
}
_REST = "models"
_BEFORE = {
    "facts": (
        "The table of models (`resources/model_table/table.json`) holds facts that a script took from two\n"
        "published packages; neither is installed, and their licences stand beside it in `NOTICE.txt`."
    ),
}


def make() -> None:
    """Write the page anew, from the frozen tree.

    Raises:
        UnknownComponentError: something in the tree, or a locked package, has no known origin or licence.
    """
    FILE.write_text(page(inventory.read()), encoding="utf-8", newline="\n")


def locked() -> dict[str, tuple[str, ...]]:
    """The packages that the application needs, each with the versions that its locks pin for some system."""
    found: dict[str, tuple[str, ...]] = {}
    for lock in _LOCKS:
        for name, version in _PINNED.findall((TOP / lock).read_text(encoding="utf-8")):
            found[name] = tuple(dict.fromkeys((*found.get(name, ()), version)))
    return found


def page(components: Iterable[Component]) -> str:
    """The whole page."""
    components = tuple(components)
    shipped = {_package(component): component for component in components if _package(component)}
    absent = {name: versions for name, versions in locked().items() if name not in shipped}
    here = installed()
    everything = [*components, *(_not_shipped(name, versions[0], here) for name, versions in absent.items())]
    tops = [component for component in everything if not component.within]
    sections = [_INTRODUCTION]
    for group, title in _TITLES.items():
        rows = [_row(top, components) for top in tops if (top.group or _REST) == group]
        if rows:
            table = ["| component | licence | notes |", "| --- | --- | --- |", *sorted(rows, key=str.lower)]
            before = f"{_BEFORE[group]}\n\n" if group in _BEFORE else ""
            sections.append(f"## {title}\n\n{before}" + "\n".join(table))
    return "\n\n".join(sections) + "\n"


_INTRODUCTION = f"""\
# What {project.NAME} builds on

The application's own code and its icons are MIT licensed (see [LICENSE](LICENSE)). Everything that the
installers hold beside it, and everything that an installation with pip needs, is listed here with its
licence. A script writes this page from what is really in the installed application, down to what is linked
into the files of others, and from the locks: `python -m shipping third_party`, after freezing. A component of
unknown origin or licence stops the build.

The installed application has the full text of every licence in its folder `licences`, and shows it in
Settings, About; packages installed with pip carry theirs in their own files. Qt and PySide6 are used under
the LGPL: `QT.txt` in that folder says how their libraries are exchanged for others and where their source is.
Nothing of these is copied into this repository, apart from the words of some licences, in
`.ci/shipping/licensing/texts`."""


def _package(component: Component) -> str:
    return component.purl.removeprefix(_PYPI).partition("@")[0] if component.purl.startswith(_PYPI) else ""


def _not_shipped(name: str, version: str, here: Mapping[str, Distribution]) -> Component:
    """A locked package that is not in this bundle: it serves on another system, or while installing."""
    package = here.get(name)
    facts = known.packages().get(name, known.Facts())
    if package is not None:
        return replace(packages.component(package, ()), version=version)
    if not facts.licence:
        raise UnknownComponentError(
            f"{name} is locked and not installed here: give its licence in known/packages.toml."
        )
    return Component(
        facts.name or name,
        version,
        facts.licence,
        "package",
        url=facts.url,
        note=facts.note,
        group=facts.group,
        purl=f"{_PYPI}{name}@{version}",
    )


def _row(top: Component, components: Iterable[Component]) -> str:
    parts = [part for part in components if part.within == top.name]
    notes = [top.note] if top.note else []
    carried = [_link(part) + f" ({part.licence})" for part in parts if not part.purl.startswith(PURL)]
    crates = [part.name for part in parts if part.purl.startswith(PURL)]
    if crates:
        carried.append(f"{len(crates)} crate{'s' if len(crates) > 1 else ''} of Rust's")
    if carried:
        notes.append(f"carries {', '.join(carried)}")
    package = _package(top)
    named = ""
    if package and package == packages.normal(top.name) and package != top.name.lower():
        top = replace(top, name=package)  # as the locks spell it
    elif package and package != top.name.lower():
        named = f": {package}"
    # The versions of Python and the system's libraries follow the system on which an installer is made.
    version = f" {top.version}" if top.version and top.group not in {"system", "runtime"} else ""
    return f"| {_link(top)}{named}{version} | {top.licence} | {'; '.join(notes)} |"


def _link(component: Component) -> str:
    return f"[{component.name}]({component.url})" if component.url else component.name
