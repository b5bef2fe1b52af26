"""What each release brought, out of CHANGELOG.md, as AppStream and Debian want to be told."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from xml.sax.saxutils import escape

from shipping.layout import TOP, VERSION, epoch, project
from shipping.releasing.changelog import FILE, sections

# Further back nobody reads in a list of software.
_TOLD = 10
_LINE = 80


@dataclass(frozen=True, slots=True)
class Release:
    """One version: its day, and plain sentences about it; `points` are the entries of its list."""

    version: str
    day: date
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()


def releases() -> tuple[Release, ...]:
    """Those of this tree, the newest first.

    Raises:
        ChangelogError: CHANGELOG.md is not of its form.
    """
    today = datetime.fromtimestamp(epoch(), UTC).date()
    return of_changelog((TOP / FILE).read_text("utf-8"), VERSION, today)


def of_changelog(text: str, version: str, day: date) -> tuple[Release, ...]:
    """The releases that a changelog tells of.

    Args:
        text: the changelog.
        version: what is built; until it has a section of its own, it brings what is not released yet.
        day: when that is, as long as no section says so.

    Raises:
        ChangelogError: the changelog is not of its form.
    """
    unreleased, *sections_of_releases = sections(text)
    found = [
        _release(str(section.version), section.day, section.text)
        for section in sections_of_releases
        if section.day
    ]
    if version not in {release.version for release in found}:
        found.insert(0, _release(version, day, unreleased.text))
    return tuple(found[:_TOLD])


def as_appstream(told: Iterable[Release]) -> str:
    """The element `releases` of an AppStream description (freedesktop.org/software/appstream/docs)."""
    lines = []
    for release in told:
        lines.append(
            f'    <release version="{release.version}" date="{release.day.isoformat()}" type="stable">'
        )
        lines.append("      <description>")
        lines += [f"        <p>{escape(paragraph)}</p>" for paragraph in release.paragraphs]
        if release.points:
            lines.append("        <ul>")
            lines += [f"          <li>{escape(point)}</li>" for point in release.points]
            lines.append("        </ul>")
        if not release.paragraphs and not release.points:
            lines.append("        <p>Small improvements.</p>")
        lines.append("      </description>")
        lines.append(f"      <url>{escape(project.REPOSITORY)}/releases/tag/v{release.version}</url>")
        lines.append("    </release>")
    return "\n".join(["  <releases>", *lines, "  </releases>"])


def as_debian(told: Iterable[Release], package: str, built_as: str = VERSION) -> str:
    """A package's changelog (deb-changelog(5)); the newest entry bears the version it is built as."""
    entries = []
    for at, release in enumerate(told):
        points = [*release.paragraphs, *release.points] or ["Small improvements."]
        body = "\n".join(
            textwrap.fill(
                point, _LINE, initial_indent="  * ", subsequent_indent="    ", break_on_hyphens=False
            )
            for point in points
        )
        when = format_datetime(datetime.combine(release.day, time(), UTC))
        version = release.version if at else built_as
        head = f"{package} ({version}) stable; urgency=medium"
        entries.append(f"{head}\n\n{body}\n\n -- {project.MAINTAINER}  {when}\n")
    return "\n".join(entries)


def _release(version: str, day: date, markdown: str) -> Release:
    """Paragraphs and the outer entries of lists; what is inside those is detail."""
    paragraphs, points = [], []
    for block in re.split(r"\n(?=\s*[-*] |\s*\n)", markdown):
        text = block.strip("\n")
        if re.match(r"[-*] ", text):
            points.append(_plain(text[2:]))
        elif text.strip() and not re.match(r"\s", text) and not text.startswith("#"):
            paragraphs.append(_plain(text))
    return Release(version, day, tuple(paragraphs), tuple(points))


def _plain(markdown: str) -> str:
    """The words alone: without marks, links by what they say."""
    text = " ".join(markdown.split())
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return re.sub(r"\*\*|`", "", text)
