"""The seed's Python examples, taken out of its document as they were written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).with_name("README.md")

# The one change that is made.
_FORMER, _PRESENT = "from ai_proxy_core import", "from aiproxy_desktop.core import"


@dataclass(frozen=True)
class Example:
    """One example; `name` is the heading it stands under, with a number where several do."""

    name: str
    code: str


def examples() -> list[Example]:
    """Every block marked as Python, but for the one that holds shell commands.

    One block is never closed in the document; it ends before the next heading.
    """
    found: list[Example] = []
    heading, inside = "", False
    lines: list[str] = []
    for line in [*DOCUMENT.read_text(encoding="utf-8").splitlines(), "```"]:
        if inside and (line == "```" or line.startswith("### ")):
            _add(found, heading, lines)
            inside = False
        if inside:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.strip("# ")
        elif line == "```python":
            inside, lines = True, []
    return found


def _add(found: list[Example], heading: str, lines: list[str]) -> None:
    if any(line.startswith("export ") for line in lines):
        return
    slug = re.sub(r"[^a-z0-9]+", "-", heading.lower()).strip("-")
    number = sum(example.name.rstrip("0123456789-") == slug for example in found)
    name = f"{slug}-{number + 1}" if number else slug
    found.append(Example(name, "\n".join(lines).replace(_FORMER, _PRESENT) + "\n"))
