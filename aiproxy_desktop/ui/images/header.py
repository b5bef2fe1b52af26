"""The page's head: which of its three parts is shown, and what is on the canvas."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import LAYOUT
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import margins
from aiproxy_desktop.ui.widgets.segmented import Segmented
from aiproxy_desktop.ui.widgets.select import Select

# Pixels; of a longer name a part is shown before a word of a button goes.
_ENOUGH_OF_THE_NAME = 120


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
        self._words = {one: one.text() for one in (self.open_file, self.to_chat, self.export)}

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is no room for every word, the buttons are their icons; then the size goes."""
        metrics = self.export.fontMetrics()
        shown = [one for one in self._words if not one.isHidden()]
        icons = sum(one.height() for one in shown)
        words = sum(metrics.horizontalAdvance(self._words[one]) + 18 for one in shown)
        compare = 0 if self.compare.isHidden() else self.compare.sizeHint().width()
        facts = self._facts.sizeHint().width()
        name = min(self._title.sizeHint().width(), _ENOUGH_OF_THE_NAME)
        room = self.width() - self.parts.sizeHint().width() - compare - icons - name - 32 - 9 * 8
        bare = room < facts + words
        for one, text in self._words.items():
            if bool(one.text()) == bare:
                one.set_label("" if bare else text)
                set_tooltip(one, text if bare else "")
                one.updateGeometry()
        self._facts.setVisible(not bare or room >= facts)

    def show_part(self, part: str, *, has_picture: bool) -> None:
        """Mark a part; what concerns the canvas is there while that shows a picture."""
        self.parts.set_value(part)
        editing = part == "edit"
        for button in (self.compare, self.to_chat, self.export):
            button.setVisible(editing and has_picture)
        self.open_file.setVisible(part != "gallery")
        self._fit()

    def show_picture(self, title: str, facts: str) -> None:
        """Say what is on the canvas; empty texts keep their room, so that nothing beside them moves."""
        self._title.setText(title)
        self._facts.setText(facts)
        self._fit()

    def show_compare(self, mode: str, *, possible: bool) -> None:
        """How it is compared with what it was made from."""
        self.compare.set_value(mode)
        words = tr("Compare") if mode == "off" else dict(_short())[mode]
        self.compare.set_label(words)
        self.compare.updateGeometry()
        self.compare.setEnabled(possible)
        self._fit()


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
