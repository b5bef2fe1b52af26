"""One picture: early previews as they come, then what was made, with what can be done with it below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QEnterEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.storage.image_records import StoredImage
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.transcript.images.image_actions import DragOut, ImageActions
from aiproxy_desktop.ui.chat.transcript.messages import ShownAttachment
from aiproxy_desktop.ui.images.generate.blocks import Card
from aiproxy_desktop.ui.images.generate.pictures import CardPictures
from aiproxy_desktop.ui.images.generate.words import card_line
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.brought import IMAGES_TYPE, ids_as_data
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import ElidedLabel
from aiproxy_desktop.ui.widgets.painting import rounded

CardAction: TypeAlias = Literal["edit", "reference", "favourite", "save", "export", "copy", "delete", "open"]

_ROW = 28
_GAP = 4
_MOST_HEIGHT = 420
_LEAST_RATIO, _MOST_RATIO = 0.6, 2.2


class CardParts:
    """What every card needs, made once for the view."""

    def __init__(
        self,
        themes: ThemeController,
        library: ImageLibrary,
        pictures: CardPictures,
        actions: ImageActions,
        act: Callable[[CardAction, StoredImage], None],
    ) -> None:
        """Keep them.

        Args:
            themes: to paint with.
            library: where the files lie.
            pictures: decoded ones.
            actions: copying, saving, looking at, dragging out.
            act: does what a card is asked for.
        """
        self.themes, self.library, self.pictures = themes, library, pictures
        self.actions, self.act = actions, act


def shown_attachment(library: ImageLibrary, image: StoredImage) -> ShownAttachment:
    """The picture as a file that can be taken elsewhere."""
    name = image.name or image.prompt[:60] or tr("Picture")
    file = Attachment(
        image.hash, name, "image", image.mime, image.size_bytes, width=image.width, height=image.height
    )
    return ShownAttachment(file, library.path(image))


class CardView(QWidget):
    """The picture, which is a button that opens it larger, and a row of 28 below."""

    def __init__(self, parts: CardParts, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        self._card: Card | None = None
        self.setObjectName(name)
        self.picture = _Picture(parts, f"{name}.picture", self)
        self.line = ElidedLabel("", "meta", "muted", parent=self)
        self.line.setObjectName(f"{name}.line")
        self.bar: ActionBar | None = None
        self.picture.clicked.connect(lambda: self._act("open"))
        self.picture.menu_wanted.connect(self.open_menu)
        self.picture.acted.connect(self._act)
        self.picture.focus_changed.connect(self._show_bar)

    @property
    def card(self) -> Card | None:
        """What it shows."""
        return self._card

    def show_card(self, card: Card, spoken: str) -> None:
        """Show this."""
        if card == self._card:
            return
        self._card = card
        self.picture.show_card(card, spoken)
        self.line.setText(card_line(card))
        if self.bar is not None and card.image is not None:
            self.bar.show_image(card.image)
        self._show_bar()

    def height_for(self, width: int) -> int:
        """As high as the picture is in this width, and its row."""
        ratio = 1.0 if self._card is None else self._card.ratio
        ratio = min(max(ratio, _LEAST_RATIO), _MOST_RATIO)
        return min(round(width / ratio), _MOST_HEIGHT) + _GAP + _ROW

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        above = self.height() - _ROW
        self.picture.setGeometry(0, 0, self.width(), above - _GAP)
        self.line.setGeometry(0, above, self.width(), _ROW)
        if self.bar is not None:
            self.bar.setGeometry(0, above, self.width(), _ROW)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._show_bar()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_bar()

    def open_menu(self) -> None:
        """Everything that can be done, by name."""
        card = self._card
        if card is None or card.image is None:
            return
        menu = QMenu(self)
        menu.setObjectName(f"{self.objectName()}.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for action, words in _menu(card.image):
            if not action:
                menu.addSeparator()
                continue
            menu.addAction(words).triggered.connect(lambda _checked=False, action=action: self._act(action))
        menu.popup(self.mapToGlobal(self.line.geometry().bottomLeft()))

    def _act(self, action: CardAction) -> None:
        if self._card is not None and self._card.image is not None:
            self._parts.act(action, self._card.image)

    def _show_bar(self) -> None:
        card = self._card
        pointed = self.underMouse() or has_focus_inside(self)
        shown = card is not None and card.image is not None and pointed
        if shown and self.bar is None and card is not None and card.image is not None:
            self.bar = ActionBar(self._parts.themes, f"{self.objectName()}", self)
            self.bar.acted.connect(self._act)
            self.bar.menu_wanted.connect(self.open_menu)
            self.bar.focus_left.connect(self._show_bar)
            self.bar.show_image(card.image)
            self.bar.setGeometry(0, self.height() - _ROW, self.width(), _ROW)
            before: QWidget = self.picture
            for button in self.bar.buttons:
                QWidget.setTabOrder(before, button)
                before = button
        if self.bar is not None:
            self.bar.setVisible(shown)
        self.line.setVisible(not shown)


class _Picture(PaintedButton):
    """Paints it; Enter opens it larger, the menu key and a right click offer the rest."""

    menu_wanted = Signal()
    acted = Signal(object)  # CardAction, by a key
    focus_changed = Signal()
    focus_radius = RADIUS.m

    def __init__(self, parts: CardParts, name: str, parent: QWidget) -> None:
        super().__init__(parts.themes, "", name=name, parent=parent)
        self._parts = parts
        self._card: Card | None = None
        self._drag = DragOut(parts.actions, self)

    def show_card(self, card: Card, spoken: str) -> None:
        """Show this; what is not made yet cannot be pressed."""
        self._card = card
        self.setAccessibleName(spoken)
        self.setAccessibleDescription(card_line(card))
        made = card.image is not None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if made else Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor if made else Qt.CursorShape.ArrowCursor)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_changed.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        image = None if self._card is None else self._card.image
        if image is not None and event.button() == Qt.MouseButton.LeftButton:
            shown = shown_attachment(self._parts.library, image)
            self._drag.press(event.position().toPoint(), shown, {IMAGES_TYPE: ids_as_data([image.id])})

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag.active:
            self._drag.move(event.position().toPoint())
            # Once it is dragged out it was no press.
            self.setDown(self.isDown() and self._drag.active)
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        # On the spot it opens it larger, as the click does that follows: the viewer opens once.
        self._drag.release(event.position().toPoint())
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = _action_of(event)
        if action is None:
            super().keyPressEvent(event)
        else:
            self.acted.emit(action)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter, card = self.theme, QPainter(self), self._card
        rounded(painter, QRectF(self.rect()), RADIUS.m, theme.surface_sunken, theme.border)
        if card is None:
            return
        shown = self._shown(card)
        if shown is None or shown.isNull():
            if shown is not None:
                painter.setFont(self.font())
                painter.setPen(QColor(theme.text_muted))
                painter.drawText(
                    self.rect(), Qt.AlignmentFlag.AlignCenter, tr("This picture cannot be shown")
                )
            return
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS.m, RADIUS.m)
        painter.setClipPath(path)
        size = QSize(shown.size()).scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRect(0, 0, size.width(), size.height())
        box.moveCenter(self.rect().center())
        exact = size * self.devicePixelRatioF() == shown.size()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, on=not exact)
        painter.drawPixmap(box, shown)

    def _shown(self, card: Card) -> QPixmap | None:
        room = self.size() * self.devicePixelRatioF()
        if card.image is not None:
            return self._parts.pictures.kept(card.key, card.image.hash, room)
        if card.preview is not None:
            return self._parts.pictures.preview(card.key, card.preview, room)
        return None


class ActionBar(QWidget):
    """What is done most with a picture, and a menu of the rest."""

    acted = Signal(object)  # CardAction
    menu_wanted = Signal()
    focus_left = Signal()

    def __init__(self, themes: ThemeController, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._edit = Button(themes, tr("Edit"), name=f"{name}.edit", kind="quiet", icon="edit")
        self._reference = Button(
            themes, tr("Reference"), name=f"{name}.reference", kind="quiet", icon="image"
        )
        self._reference.setAccessibleName(tr("Use as reference"))
        self._favourite = Button(
            themes, name=f"{name}.favourite", kind="quiet", icon="star", tooltip=tr("Favourite")
        )
        self._more = Button(themes, name=f"{name}.more", kind="quiet", icon="more", tooltip=tr("More"))
        self._edit.clicked.connect(lambda: self.acted.emit("edit"))
        self._reference.clicked.connect(lambda: self.acted.emit("reference"))
        self._favourite.clicked.connect(lambda: self.acted.emit("favourite"))
        self._more.clicked.connect(self.menu_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._edit)
        row.addWidget(self._reference)
        row.addStretch(1)
        row.addWidget(self._favourite)
        row.addWidget(self._more)
        for button in self.buttons:
            button.installEventFilter(self)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """In order."""
        return self._edit, self._reference, self._favourite, self._more

    def show_image(self, image: StoredImage) -> None:
        """For this picture."""
        self._favourite.set_icon("star-on" if image.favourite else "star")
        words = tr("No favourite any more") if image.favourite else tr("Favourite")
        self._favourite.setAccessibleName(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        needed = sum(button.sizeHint().width() for button in self.buttons)
        self._reference.setVisible(event.size().width() >= needed)  # the menu has it too

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self.focus_left.emit()
        return False


def _menu(image: StoredImage) -> tuple[tuple[CardAction | Literal[""], str], ...]:
    return (
        ("open", tr("Open larger")),
        ("edit", tr("Edit this")),
        ("reference", tr("Use as reference")),
        ("favourite", tr("No favourite any more") if image.favourite else tr("Favourite")),
        ("", ""),
        ("copy", tr("Copy")),
        ("save", tr("Save as…")),
        ("export", tr("Export…")),
        ("", ""),
        ("delete", tr("Delete")),
    )


def _action_of(event: QKeyEvent) -> CardAction | None:
    key, control = Qt.Key(event.key()), event.modifiers() & Qt.KeyboardModifier.ControlModifier
    if control:
        with_control: dict[Qt.Key, CardAction] = {Qt.Key.Key_C: "copy", Qt.Key.Key_S: "save"}
        return with_control.get(key)
    plain: dict[Qt.Key, CardAction] = {
        Qt.Key.Key_Delete: "delete",
        Qt.Key.Key_E: "edit",
        Qt.Key.Key_F: "favourite",
    }
    return plain.get(key)
