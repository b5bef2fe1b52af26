"""Whose work the application stands on: each component in a line, its licence below it when asked for."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.services.components import Component
from aiproxy_desktop.ui.settings.about_viewmodel import AboutViewModel
from aiproxy_desktop.ui.settings.api.code_area import CodeArea
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr, tr_count
from aiproxy_desktop.ui.widgets.buttons import Button, PaintedButton
from aiproxy_desktop.ui.widgets.painting import elided, margins, mirrored, rounded

_ROW = 32
_PAD = 16
_CHEVRON = 16
_GAP = 8
# How many are shown before all are wanted: the rest are parts of these, as a rule.
_FIRST = 16
# Of the width, where the version and the licence begin.
_VERSION, _LICENCE = 0.46, 0.62


class ComponentRow(PaintedButton):
    """Name, version and licence; pressing it shows or hides the licence's text."""

    def __init__(self, themes: ThemeController, component: Component, *, name: str) -> None:
        """Make it, closed."""
        super().__init__(themes, component.name, name=name)
        self.component = component
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(
            ", ".join(filter(None, (component.name, component.version, component.licence, tr("licence"))))
        )

    def sizeHint(self) -> QSize:
        return QSize(320, _ROW)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, _ROW)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        overlay = self.overlay()
        if overlay is not None:
            rounded(painter, QRectF(self.rect()).adjusted(4, 1, -4, -1), RADIUS.s, overlay)
        icon = "chev-up" if self.isChecked() else "chev-down"
        box = mirrored(
            self, QRect(self.width() - _PAD - _CHEVRON, (_ROW - _CHEVRON) // 2, _CHEVRON, _CHEVRON)
        )
        painter.drawPixmap(
            box.topLeft(), icon_pixmap(icon, theme.text_muted, _CHEVRON, self.devicePixelRatioF())
        )
        inside = self.width() - 2 * _PAD - _CHEVRON - _GAP
        version, licence = (_PAD + round(inside * part) for part in (_VERSION, _LICENCE))
        one = self.component
        painter.setFont(font("body"))
        painter.setLayoutDirection(self.layoutDirection())
        for begin, end, words, ink in (
            # A part of another component has no version of its own, but often a long name.
            (_PAD, version if one.version else licence, one.name, theme.text),
            (version, licence, one.version, theme.text_muted),
            (licence, _PAD + inside + _GAP, one.licence, theme.text_muted),
        ):
            painter.setPen(QColor(ink))
            cell = mirrored(self, QRect(begin, 0, end - begin - _GAP, _ROW))
            shown = elided(painter.fontMetrics(), words, cell.width(), Qt.TextElideMode.ElideRight)
            painter.drawText(cell, Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter, shown)


class ComponentsCard(QFrame):
    """The first components, and all of them once they are wanted."""

    def __init__(
        self, view_model: AboutViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._vm = view_model
        self._themes = themes
        self._shown: tuple[Component, ...] = ()
        self._rows: dict[Component, ComponentRow] = {}
        self._texts: dict[Component, CodeArea] = {}
        self._whole = False
        self.setObjectName("settings.about.components")
        self.setProperty("card", True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 5, 1, 5)
        self._column.setSpacing(0)
        self._more = Button(themes, "", name="settings.about.components.all", kind="link")
        self._more.clicked.connect(self._show_all)
        last = QHBoxLayout()
        last.setContentsMargins(margins(4, 0, 0, 0))  # its words begin where the names do
        last.addWidget(self._more)
        last.addStretch(1)
        self._column.addLayout(last)
        view_model.changed.connect(self._show)
        view_model.licence_ready.connect(self._show_text)
        self._show()

    def _show_all(self) -> None:
        self._whole = True
        before = len(self._rows)
        self._show()
        rows = list(self._rows.values())
        if before < len(rows):
            rows[before].setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self) -> None:
        every = self._vm.components
        wanted = every if self._whole else every[:_FIRST]
        if wanted != self._shown:
            self._shown = wanted
            for component in wanted:
                if component not in self._rows:
                    self._rows[component] = self._row(component)
            if self._rows:
                QWidget.setTabOrder(list(self._rows.values())[-1], self._more)
        left = len(every) - len(wanted)
        self._more.set_label(tr_count("Show {n} more", "Show {n} more", left))
        self._more.setVisible(left > 0)
        self.setVisible(bool(every))

    def _row(self, component: Component) -> ComponentRow:
        row = ComponentRow(self._themes, component, name=f"settings.about.component.{len(self._rows) + 1}")
        row.toggled.connect(lambda on: self._toggle(component, on=on))
        self._column.insertWidget(self._column.count() - 1, row)
        return row

    def _toggle(self, component: Component, *, on: bool) -> None:
        area = self._texts.get(component)
        if area is not None:
            area.setVisible(on)
        elif on:
            self._vm.read_licence(component)

    def _show_text(self, component: Component, text: str) -> None:
        row = self._rows.get(component)
        if row is None or component in self._texts:
            return
        area = CodeArea(
            self._themes,
            name=f"{row.objectName()}.text",
            accessible_name=tr("Licence of {name}", name=component.name),
            wrap=True,
        )
        area.show_text(text)
        around = QWidget()
        column = QVBoxLayout(around)
        column.setContentsMargins(_PAD, 4, _PAD, 8)
        column.addWidget(area)
        area.setVisible(row.isChecked())
        self._texts[component] = area
        self._column.insertWidget(self._column.indexOf(row) + 1, around)
        QWidget.setTabOrder(row, area.text_widget)
