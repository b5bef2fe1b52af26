"""Files to attach, and what the page shows of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel

from aiproxy_desktop.core.models import Capabilities, ModelInfo
from aiproxy_desktop.ui.chat.attachments.chip import Chip
from aiproxy_desktop.ui.chat.attachments.viewmodel import DraftItem
from tests.ui.chat_window import Window
from tests.waiting import until

BLIND = Capabilities(vision=False, audio=False, video=False, documents=False, streaming=True)
SEEING = Capabilities(vision=True, documents=True, streaming=True)


def picture(path: Path, width: int = 64, height: int = 48) -> Path:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("green"))
    assert image.save(str(path))
    return path


def text(path: Path, words: str = "Milk, bread, candles") -> Path:
    path.write_text(words, encoding="utf-8")
    return path


def chips(window: Window) -> list[Chip]:
    return [chip for chip in window.window.findChildren(Chip) if chip.isVisible()]


def items(window: Window) -> Sequence[DraftItem]:
    return window.parts.view_model.attaching.items


async def loaded(window: Window, count: int) -> None:
    await until(
        lambda: len(items(window)) == count and all(item.state != "loading" for item in items(window)),
        "what is attached",
    )
    await until(lambda: len(chips(window)) == count, "its chips")


def names(window: Window) -> list[str]:
    return [chip.accessibleName() for chip in chips(window)]


def says(window: Window, words: str) -> bool:
    return any(words in label.text() for label in window.window.findChildren(QLabel) if label.isVisible())


async def use_models(window: Window, *models: ModelInfo) -> None:
    async def listed() -> tuple[ModelInfo, ...]:
        return models

    window.parts.model.list_models = listed  # type: ignore[method-assign]  # another list from now on
    await window.parts.providers.refresh("builtin")
