"""Plain text as leaves small enough to lay out one by one."""

from __future__ import annotations

from aiproxy_desktop.ui.markdown import limits
from aiproxy_desktop.ui.markdown.blocks import Place, Plain
from aiproxy_desktop.ui.markdown.cleaning import clean


def plain_blocks(text: str) -> list[Plain]:
    """Text cut at line ends, and inside lines that are too long; beyond `limits.MESSAGE` it is left out."""
    blocks: list[Plain] = []
    lines: list[str] = []
    size = 0
    glued = False
    for line in clean(text[: limits.MESSAGE]).split("\n"):
        rest = line
        while len(rest) > limits.LINE:
            at = rest.rfind(" ", limits.LINE // 2, limits.LINE) + 1 or limits.LINE
            blocks.append(Plain(Place(glued=glued), "\n".join([*lines, rest[:at]])))
            lines, size, glued, rest = [], 0, True, rest[at:]
        lines.append(rest)
        size += len(rest) + 1
        if size >= limits.PARAGRAPH:
            blocks.append(Plain(Place(glued=glued), "\n".join(lines)))
            lines, size, glued = [], 0, False
    if lines or not blocks:
        blocks.append(Plain(Place(glued=glued), "\n".join(lines)))
    return blocks
