"""Fill in what stands between @MARKS@ in the files of `resources/installer`."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from xml.sax.saxutils import escape

from shipping.layout import VERSION, epoch, project


def facts() -> dict[str, str]:
    """What is known, by mark."""
    return {
        "APPLICATION_ID": project.APPLICATION_ID,
        # Of letters, digits, hyphens and full stops alone (developer.apple.com, CFBundleIdentifier).
        "BUNDLE_ID": project.APPLICATION_ID.replace("_", "-"),
        "COMMAND": project.COMMAND,
        "MAINTAINER": project.MAINTAINER,
        "NAME": project.NAME,
        "PUBLISHER": project.MAINTAINER.partition(" <")[0],
        "REPOSITORY": project.REPOSITORY,
        "SUMMARY": project.SUMMARY,
        "VERSION": VERSION,
        "VERSION_NUMBERS": ".".join(map(str, numbers(VERSION))),
        "VERSION_TUPLE": ", ".join(map(str, numbers(VERSION))),
        # What Windows knows the application by, one version after the other: always the same.
        "WINDOWS_ID": str(uuid.uuid5(uuid.NAMESPACE_URL, project.REPOSITORY)).upper(),
        "YEAR": str(datetime.fromtimestamp(epoch(), UTC).year),
    }


def numbers(version: str) -> tuple[int, int, int, int]:
    """A version as Windows counts them, which knows four numbers and no words: 1.2.0rc1 is 1.2.0.0."""
    found = [int(number) for number in re.sub(r"[^\d.].*", "", version).split(".") if number]
    first, second, third, fourth = (*found, 0, 0, 0, 0)[:4]
    return first, second, third, fourth


def filled(template: Path, *, xml: bool = False, **more: str) -> str:
    """A template's text with facts at its marks.

    Args:
        template: the file.
        xml: write them as XML wants text.
        more: facts that this template alone needs, by mark.

    Raises:
        KeyError: it has a mark that nothing is known for.
    """
    known = {**facts(), **more}
    if xml:
        known = {mark: escape(fact) for mark, fact in known.items()}
    return re.sub(r"@([A-Z_]+)@", lambda mark: known[mark[1]], template.read_text("utf-8"))


def write(template: Path, target: Path, *, xml: bool = False, **more: str) -> Path:
    """Fill in a template and lay it at `target`, with the template's permissions; returns that."""
    text = filled(template, xml=xml, **more)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8", newline="\n")
    target.chmod(0o755 if template.stat().st_mode & 0o100 else 0o644)
    return target
