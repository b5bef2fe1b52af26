"""The page's head: which of its three parts is shown, and what is on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.select import Select


class ImagesHeader(QFrame):
    """Its buttons are the page's to connect.

    Signals:
        part_wanted(str): `generate`, `edit` or `gallery`.
        compare_wanted(str): `off`, `slider`, `side_by_side` or `difference`.
    """

    part_wanted = Signal(str)
    compare_wanted = Signal(str)

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("images.head")
        self.setProperty("layer", "surface")
        self.setProperty("edge", "bottom")
        self.setFixedHeight(LAYOUT.header)
        parts = (("generate", tr("Generate")), ("edit", tr("Edit")), ("gallery", tr("Gallery")))
        self.parts = Segmented(themes, parts, name="images.part", accessible_name=tr("Part of the studio"))
        self.parts.chosen.connect(self.part_wanted)
        self._title = ElidedLabel("", "reading_strong")
        self._title.setObjectName("images.title")
        self._facts = Label("", "meta", "muted", tabular=True)
        self._facts.setObjectName("images.facts")
        self.compare = Select(
            themes,
            tr("Compare"),
            compare_modes(),
            name="images.compare",
            kind="quiet",
            shows_choice=False,
            accessible_name=tr("Compare"),
        )
        self.compare.chosen.connect(self.compare_wanted)
        self.open_file = Button(themes, tr("Open"), name="images.open", kind="quiet", icon="folder")
        self.to_chat = Button(themes, tr("Send to chat"), name="images.toChat", kind="quiet", icon="chat-20")
        self.export = Button(themes, tr("Export"), name="images.export", kind="quiet", icon="upload")
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(16, 0, 16, 0))
        row.setSpacing(8)
        row.addWidget(self.parts)
        row.addSpacing(8)
        row.addWidget(self._title, 1)
        row.addWidget(self._facts)
        row.addSpacing(8)
        for button in (self.compare, self.open_file, self.to_chat, self.export):
            row.addWidget(button)

    def show_part(self, part: str, *, has_picture: bool) -> None:
        """Mark a part; what concerns the canvas is there while that shows a picture."""
        self.parts.set_value(part)
        editing = part == "edit"
        for button in (self.compare, self.to_chat, self.export):
            button.setVisible(editing and has_picture)
        self.open_file.setVisible(part != "gallery")

    def show_picture(self, title: str, facts: str) -> None:
        """Say what is on the canvas; empty texts keep their room, so that nothing beside them moves."""
        self._title.setText(title)
        self._facts.setText(facts)

    def show_compare(self, mode: str, *, possible: bool) -> None:
        """How it is compared with what it was made from."""
        self.compare.set_value(mode)
        words = tr("Compare") if mode == "off" else dict(_short())[mode]
        self.compare.set_label(words)
        self.compare.updateGeometry()
        self.compare.setEnabled(possible)


def compare_modes() -> tuple[tuple[str, str], ...]:
    """The ways to compare, in words."""
    return (
        ("off", tr("Off")),
        ("slider", tr("Slider")),
        ("side_by_side", tr("Side by side")),
        ("difference", tr("Difference")),
    )


def _short() -> tuple[tuple[str, str], ...]:
    return (
        ("slider", tr("Compare: slider")),
        ("side_by_side", tr("Compare: side by side")),
        ("difference", tr("Compare: difference")),
    )
