"""The button that names the model that answers next, and opens the picker."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from aiproxy_desktop.ui.chat.models.rows import Choice
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import CONTROL, RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.dot import paint_dot
from aiproxy_desktop.ui.widgets.painting import mirrored, rounded

_PAD = 8
_DOT = 8
_GAP = 6
_ICON = 16


class ModelButton(PaintedButton):
    """Dot, model, provider, chevron. The provider gives way first where there is little room."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(themes, "", name="chat.modelPicker", accessible_name=tr("Model"), parent=parent)
        self._choice: Choice | None = None
        self._strong = QFontMetrics(font("body_strong"))
        self._plain = QFontMetrics(font("body"))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_choice(self, choice: Choice | None) -> None:
        """Name this model."""
        if choice == self._choice and self.text():
            return
        self._choice = choice
        spoken = (
            tr("Choose a model")
            if choice is None
            else tr("{model}, {provider}", model=choice.name, provider=choice.provider_label)
        )
        self.setText(spoken)
        self.setAccessibleName(tr("Model: {model}", model=spoken) if choice else spoken)
        self.updateGeometry()
        self.update()

    def named_width(self) -> int:
        """The least width at which the model's name is whole."""
        return 2 * _PAD + _DOT + 2 * _GAP + _ICON + 2 + self._strong.horizontalAdvance(self._name())

    def sizeHint(self) -> QSize:
        width = self.named_width()
        if self._label():
            width += _GAP + self._plain.horizontalAdvance(self._label())
        return QSize(width, CONTROL.height)

    def minimumSizeHint(self) -> QSize:
        return QSize(112, CONTROL.height)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, middle = self.theme, self.height() / 2
        painter = QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.s, self.overlay())
        state = "off" if self._choice is None else self._choice.availability
        dot = mirrored(self, QRect(_PAD, 0, _DOT, self.height()))
        paint_dot(painter, QPointF(dot.left() + _DOT / 2, middle), state, theme)
        left = _PAD + _DOT + _GAP
        room = self.width() - left - _GAP - _ICON - _PAD
        label = self._label()
        wanted = self._strong.horizontalAdvance(self._name()) + _GAP + self._plain.horizontalAdvance(label)
        if wanted > room:
            label = ""
        name = self._strong.elidedText(self._name(), Qt.TextElideMode.ElideMiddle, room)
        painter.setFont(font("body_strong"))
        painter.setPen(QColor(theme.text))
        name_width = self._strong.horizontalAdvance(name)
        box = mirrored(self, QRect(left, 0, name_width + 2, self.height()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, name)
        left += name_width + _GAP
        if label:
            painter.setFont(font("body"))
            painter.setPen(QColor(theme.text_muted))
            label_width = self._plain.horizontalAdvance(label)
            box = mirrored(self, QRect(left, 0, label_width + 2, self.height()))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, label)
            left += label_width + _GAP
        pixmap = icon_pixmap("chev-down", theme.text_secondary, _ICON, self.devicePixelRatioF())
        box = mirrored(self, QRect(left, int(middle) - _ICON // 2, _ICON, _ICON))
        painter.drawPixmap(box.topLeft(), pixmap)

    def _name(self) -> str:
        return tr("Choose a model") if self._choice is None else self._choice.name

    def _label(self) -> str:
        return "" if self._choice is None else self._choice.provider_label
