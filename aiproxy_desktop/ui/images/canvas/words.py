"""What the canvas says of itself to those who do not see it."""

from __future__ import annotations

from PySide6.QtCore import QSize

from aiproxy_desktop.ui.images.canvas.tools import CompareMode, Tool
from aiproxy_desktop.ui.translation import tr


def tool_name(tool: Tool) -> str:
    """A tool's name."""
    return {
        "brush": tr("Brush"),
        "eraser": tr("Eraser"),
        "rectangle": tr("Rectangle"),
        "lasso": tr("Lasso"),
        "fill": tr("Fill"),
        "crop": tr("Crop"),
        "extend": tr("Extend"),
        "pan": tr("Pan"),
    }[tool]


def tool_help(tool: Tool) -> str:
    """How a tool is used, in a sentence."""
    return {
        "brush": tr("Paint over what should change. Alt or Ctrl erases, Shift draws a straight line."),
        "eraser": tr("Paint over what should stay as it is. Alt or Ctrl paints instead."),
        "rectangle": tr("Drag over what should change. Enter begins a frame that arrows move."),
        "lasso": tr("Draw around what should change, or click from corner to corner."),
        "fill": tr("Click what should change: all that looks like it and touches it is masked."),
        "crop": tr("Arrows move the frame, H chooses a handle, Enter crops."),
        "extend": tr("H chooses a handle, arrows move it outwards, Enter extends."),
        "pan": tr("Drag the picture, or move it with the arrows."),
    }[tool]


def share_words(share: float) -> str:
    """How much is masked, as a sentence."""
    if share <= 0:
        return tr("Nothing is masked.")
    if share >= 1:
        return tr("Everything is masked.")
    if share < 0.01:
        return tr("Less than 1 % is masked.")
    return tr("{share} % is masked.", share=min(round(share * 100), 99))


def size_sentence(size: QSize) -> str:
    """Width and height."""
    return tr("{width} by {height} pixels.", width=f"{size.width():,}", height=f"{size.height():,}")


def compare_sentence(mode: CompareMode, divider: float) -> str:
    """How two pictures are compared; empty while they are not."""
    if mode == "slider":
        return tr(
            "Compared with an earlier picture: the slider is at {place} %. Arrows, Home and End move it.",
            place=round(divider * 100),
        )
    if mode == "side_by_side":
        return tr("Compared with an earlier picture, side by side.")
    return tr("The difference from an earlier picture is shown.") if mode == "difference" else ""


def described(size: QSize, tool: Tool, share: float, compare: str) -> str:
    """All of it: what is there, what is masked, what the tool does."""
    if size.isEmpty():
        return tr("There is no picture yet.")
    sentences = (
        size_sentence(size),
        share_words(share),
        tr("Tool: {tool}.", tool=tool_name(tool)),
        tool_help(tool),
        compare,
    )
    return " ".join(sentence for sentence in sentences if sentence)
