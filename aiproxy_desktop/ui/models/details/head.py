"""What stands at the head of the details: where the model runs, and what can be done with it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.details.viewmodel import ShownModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.breaking import breakable
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.labels import Label, set_tooltip
from aiproxy_desktop.ui.widgets.painting import rounded
from aiproxy_desktop.ui.widgets.panel import QUIET, inset

_ICON = 16
# Milliseconds for which the button says that the id is copied.
_COPIED = 2000


class Star(PaintedButton):
    """Whether a model is a favourite. The page decides: `toggled_to` says what was wished."""

    toggled_to = Signal(bool)

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__(themes, "", name=name, accessible_name=tr("Favourite"))
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self.toggled_to)

    def set_on(self, on: bool) -> None:
        """Show a state without emitting."""
        self.setChecked(on)
        set_tooltip(self, tr("Remove from favourites") if on else tr("Add to favourites"))

    def sizeHint(self) -> QSize:
        return QSize(CONTROL.height_compact, CONTROL.height_compact)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        rounded(painter, self.rect().toRectF(), self.focus_radius, self.overlay())
        name, ink = ("star-on", theme.accent) if self.isChecked() else ("star", theme.text_secondary)
        inset = (self.width() - _ICON) // 2
        place = QRect(inset, inset, _ICON, _ICON)
        painter.drawPixmap(place.topLeft(), icon_pixmap(name, ink, _ICON, self.devicePixelRatioF()))


class DetailsHead(QWidget):
    """A line and the buttons, to be put `reaching` QUIET.

    Its signals carry nothing; the panel knows which model is shown.
    """

    chat_wanted = Signal()
    default_wanted = Signal()
    compare_wanted = Signal()
    hiding_wanted = Signal(bool)
    image_studio_wanted = Signal()
    voice_wanted = Signal()

    def __init__(
        self, themes: ThemeController, *, name: str, image_studio: bool, voice: bool, compare: bool
    ) -> None:
        super().__init__()
        self._images, self._voice = image_studio, voice
        self._id = ""
        self._hidden = False
        self._where = Label("", "meta", "muted", wrap=True)
        self.gone = Label("", "body", "warning", wrap=True)
        self.gone.setText(tr("No provider lists this model any more."))
        self.chat = Button(themes, tr("Chat with this"), name=f"{name}.chat", kind="primary", large=True)
        self.default = Button(themes, tr("Make default"), name=f"{name}.default", large=True)
        self.images = Button(themes, tr("Use in Image Studio"), name=f"{name}.imageStudio", icon="image")
        self.voice = Button(themes, tr("Use in Voice"), name=f"{name}.voice", icon="mic")
        self.copy = Button(themes, tr("Copy id"), name=f"{name}.copy", kind="quiet", icon="copy")
        self.compare = Button(themes, tr("Compare"), name=f"{name}.compare", kind="quiet", icon="columns")
        self.compare.setVisible(compare)
        self.hiding = Button(themes, tr("Hide"), name=f"{name}.hide", kind="quiet")
        self._copied = QTimer(self)
        self._copied.setSingleShot(True)
        self._copied.setInterval(_COPIED)
        self._copied.timeout.connect(self._show_copy)
        self._compares = compare
        self._lay_out()
        self._follow()

    def show_model(self, shown: ShownModel) -> None:
        """Show what can be done with this one."""
        if shown.id != self._id:
            self._copied.stop()
            self._show_copy()
        self._id, self._hidden = shown.id, shown.hidden
        self._where.setText(breakable(shown.where))
        self.gone.setVisible(not shown.listed)
        self._chats.setVisible(shown.chats)
        self.chat.setVisible(shown.chats)
        self.chat.setEnabled(shown.listed)
        self.default.setVisible(shown.chats)
        self.default.set_label(tr("Default") if shown.default else tr("Make default"))
        self.default.setEnabled(shown.listed and not shown.default)
        self.images.setVisible(self._images and shown.makes_images)
        self.voice.setVisible(self._voice and shown.speaks)
        self.compare.setVisible(self._compares and shown.chats and shown.listed)
        self.hiding.set_label(tr("Unhide") if shown.hidden else tr("Hide"))
        self.hiding.setAccessibleName(
            tr("Show it in the table again") if shown.hidden else tr("Hide it from the table")
        )

    def copy_id(self) -> None:
        """Put the provider's own name of the model on the clipboard."""
        QGuiApplication.clipboard().setText(self._id)
        self.copy.set_label(tr("Copied"))
        announce(self.copy, tr("Copied"))
        self._copied.start()

    def _lay_out(self) -> None:
        column = inset(QUIET)
        column.addWidget(self._where)
        column.addWidget(self.gone)
        column.addSpacing(4)
        self._chats = flowing((self.chat, self.default), fill=True)
        for button in (self.chat, self.default, self.images, self.voice):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for part in (self._chats, self.images, self.voice):
            column.addWidget(part)
        quiet = flowing((self.copy, self.compare, self.hiding), gap=0)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addLayout(column)
        whole.addWidget(quiet)

    def _follow(self) -> None:
        self.chat.clicked.connect(self.chat_wanted)
        self.default.clicked.connect(self.default_wanted)
        self.images.clicked.connect(self.image_studio_wanted)
        self.voice.clicked.connect(self.voice_wanted)
        self.compare.clicked.connect(self.compare_wanted)
        self.hiding.clicked.connect(lambda: self.hiding_wanted.emit(not self._hidden))
        self.copy.clicked.connect(self.copy_id)

    def _show_copy(self) -> None:
        self.copy.set_label(tr("Copy id"))
