"""A whole text as the leaves of a message that is no longer written: its notes stand at the end."""

from __future__ import annotations

from aiproxy_desktop.ui.markdown.blocks import Block
from aiproxy_desktop.ui.markdown.document import parse
from aiproxy_desktop.ui.markdown.references import References, arranged


def read_whole(text: str) -> list[Block]:
    """The leaves in the order in which they are shown."""
    blocks = parse(text)
    references = References()
    references.take(blocks, len(blocks))
    return arranged(blocks, references)
