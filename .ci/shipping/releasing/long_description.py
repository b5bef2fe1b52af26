"""README.md as a page that is read apart from the tree: a hook of hatchling's, run while it builds."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)(\[[^\]\n]*\])\((?!#|[a-z]+:)([^)\s]+)\)")
_VERSION = re.compile(r'(?m)^__version__ = "([^"\n]+)"$')


def absolute(text: str, address: str, tag: str) -> str:
    """Markdown whose links into the tree lead to the tree as it was at a tag.

    Args:
        text: the page.
        address: of the repository on GitHub.
        tag: the release's.
    """
    return _LINK.sub(
        lambda link: f"{link[1]}{link[2]}({address}/{'raw' if link[1] else 'blob'}/{tag}/{link[3]})", text
    )


class LongDescription(MetadataHookInterface):
    """Gives the project's metadata their `readme`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Add it."""
        top = Path(self.root)
        found = _VERSION.search((top / "aiproxy_desktop" / "__init__.py").read_text("utf-8"))
        if found is None:
            raise ValueError("aiproxy_desktop/__init__.py holds no version.")
        page = (top / "README.md").read_text("utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(page, metadata["urls"]["Source"], f"v{found[1]}"),
        }
