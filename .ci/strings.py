"""Gather the words of the interface for translators; see "Translating" in README.md.

No dates and no line numbers are written: the template changes only when the words do.
"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "resources" / "locale"
TEMPLATE = LOCALE / "aiproxy-desktop.pot"
KEYWORDS = {"tr": None, "tr_count": (1, 2)}
_HEADER = "# The words of AI Proxy Desktop, to be translated. Written by `make strings`.\n#"

# Lines of the header that would differ from one writing to the next.
_CHANGES = re.compile(r'^"(?:POT-Creation-Date|PO-Revision-Date|Generated-By):.*\n', re.MULTILINE)


def template() -> Catalog:
    """Every text that the source passes to `tr` or `tr_count`."""
    catalog = Catalog(project="AI Proxy Desktop", header_comment=_HEADER, fuzzy=False)
    found = extract_from_dir(ROOT / "aiproxy_desktop", [("**.py", "python")], keywords=KEYWORDS)
    for name, line, words, comments, _context in found:
        catalog.add(words, None, [(f"aiproxy_desktop/{name}", line)], auto_comments=comments)
    return catalog


def written(catalog: Catalog) -> str:
    """A catalogue as its file holds it."""
    lines = io.BytesIO()
    write_po(lines, catalog, width=100, sort_output=True, include_lineno=False)
    return re.sub(_CHANGES, "", lines.getvalue().decode())


def bring_up_to_date(path: Path, words: Catalog) -> None:
    """Add what is new to a translation, drop what is gone, and compile it to where the application looks."""
    catalog = read_po(io.BytesIO(path.read_bytes()), locale=path.parent.parent.name)
    catalog.update(words, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.write_text(written(catalog), "utf-8")
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    path.with_suffix(".mo").write_bytes(compiled.getvalue())


def main() -> int:
    """Write the files, or with `--check` only look; the exit code."""
    words = template()
    text = written(words)
    if "--check" in sys.argv[1:]:
        fresh = TEMPLATE.is_file() and TEMPLATE.read_text("utf-8") == text
        if not fresh:
            sys.stderr.write("The template of translations is out of date: run `make strings`.\n")
        return 0 if fresh else 1
    LOCALE.mkdir(exist_ok=True)
    TEMPLATE.write_text(text, "utf-8")
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/aiproxy-desktop.po")):
        bring_up_to_date(path, words)
    return 0


if __name__ == "__main__":
    sys.exit(main())
