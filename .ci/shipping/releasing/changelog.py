"""CHANGELOG.md: read for whoever shows what is new, and given a new section at each release."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from shipping.errors import ChangelogError, VersionError
from shipping.releasing.versions import Version

FILE = "CHANGELOG.md"

_UNRELEASED = "## Unreleased"
_HEADING = re.compile(r"(?m)^## (.*)$")
_RELEASE = re.compile(r"([0-9]\S*) - ([0-9]{4}-[0-9]{2}-[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Section:
    """One version of the file, or what is not released yet (then `version` and `day` are None).

    `text` is Markdown without the heading, and may be empty.
    """

    version: Version | None
    day: date | None
    text: str


def sections(text: str) -> list[Section]:
    """What the file holds, the newest first.

    Raises:
        ChangelogError: a heading is none of `## Unreleased` and `## 1.2.3 - 2026-01-31`, what is unreleased
            does not stand first and once, or versions do not go down.
    """
    parts = _HEADING.split(text)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    found = [_section(title.strip(), body.strip()) for title, body in pairs]
    if not found or [section.version is None for section in found].count(True) != 1 or found[0].version:
        raise ChangelogError(f"{FILE} should begin with one section {_UNRELEASED}.")
    versions = [section.version for section in found if section.version]
    if versions != sorted(set(versions), reverse=True):
        raise ChangelogError(f"The versions of {FILE} should go down, each of them once.")
    return found


def released(text: str, version: Version, day: date, notes: str) -> str:
    """The file with what was unreleased, below these notes, as that version; nothing is unreleased then.

    Raises:
        ChangelogError: the file is not of its form, has the version already, or there is nothing to say.
    """
    before = sections(text)
    if any(section.version == version for section in before):
        raise ChangelogError(f"{FILE} has a section for {version} already.")
    # What the list begins with need not be said twice.
    said = "" if f"{before[0].text}\n".startswith(f"{notes.strip()}\n") else notes.strip()
    body = "\n\n".join(part for part in (said, before[0].text) if part)
    if not body:
        raise ChangelogError(f"Nothing is said of {version}: describe it, or list it below {_UNRELEASED}.")
    if _HEADING.search(notes):
        raise ChangelogError("A line of the description begins with ##, as versions do: use ###.")
    head, _, rest = text.partition(f"{_UNRELEASED}\n")
    following = _HEADING.search(rest)
    older = rest[following.start() :] if following else ""
    new = f"{head}{_UNRELEASED}\n\n## {version} - {day.isoformat()}\n\n{body}\n"
    return f"{new}\n{older}" if older else new


def _section(title: str, text: str) -> Section:
    if f"## {title}" == _UNRELEASED:
        return Section(None, None, text)
    wanted = ChangelogError(
        f"A heading of {FILE} is {title!r}, where one like '1.2.3 - 2026-01-31' is expected."
    )
    found = _RELEASE.fullmatch(title)
    if found is None:
        raise wanted
    try:
        return Section(Version.of(found[1]), date.fromisoformat(found[2]), text)
    except (VersionError, ValueError):
        raise wanted from None
