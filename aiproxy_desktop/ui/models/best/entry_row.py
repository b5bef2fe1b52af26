"""One model of the ranked list: its rank, its name, and why it stands there."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.best.viewmodel import Entry
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.breaking import breakable
from aiproxy_desktop.ui.widgets.buttons import PaintedButton
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins, rounded

_PAD = 8
_RANK = 20
_BADGE_HEIGHT = 18
_BADGE_PAD = 6


class BestBadge(QWidget):
    """The word beside the first."""

    def __init__(self, themes: ThemeController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Best"))
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width = QFontMetrics(font("caption")).horizontalAdvance(tr("Best"))
        return QSize(width + 2 * _BADGE_PAD, _BADGE_HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, painter = self._themes.theme, QPainter(self)
        rounded(painter, QRectF(self.rect()), RADIUS.xs, theme.accent_soft, theme.accent_border)
        painter.setFont(font("caption"))
        painter.setPen(QColor(theme.accent_ink))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Best"))


class EntryRow(PaintedButton):
    """Pressing it opens the model's details. `show_entry` fills it, again and again."""

    def __init__(self, themes: ThemeController, *, name: str) -> None:
        super().__init__(themes, "", name=name, accessible_name=tr("Model"))
        self.entry: Entry | None = None
        self._rank = Label("", "body", "muted", tabular=True)
        self._rank.setFixedWidth(_RANK)
        self._title = ElidedLabel("", "body_medium")
        self._badge = BestBadge(themes)
        self._provider = ElidedLabel("", "meta", "muted")
        self._reasons = Label("", "meta", "secondary", wrap=True)
        self._lacks = Label("", "meta", "warning", wrap=True)
        self._notes = Label("", "meta", "warning", wrap=True)
        self._lay_out()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_entry(self, entry: Entry) -> None:
        """Show another one."""
        if entry == self.entry:
            return
        self.entry = entry
        self._rank.setText(f"{entry.rank}" if entry.rank else "")
        self._title.setText(entry.name)
        self._badge.setVisible(entry.rank == 1)
        self._provider.setText(entry.provider)
        for label, lines in (
            (self._reasons, entry.reasons),
            (self._lacks, entry.lacks),
            (self._notes, entry.notes),
        ):
            label.setText(breakable("\n".join(lines)))
            label.setVisible(bool(lines))
        self._lacks.set_tone("muted" if entry.may_fit else "warning")
        self.setAccessibleName(_spoken(entry))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        layout = self.layout()
        return super().sizeHint() if layout is None else layout.totalSizeHint()

    def minimumSizeHint(self) -> QSize:
        layout = self.layout()
        return super().minimumSizeHint() if layout is None else layout.totalMinimumSize()

    def paintEvent(self, _event: QPaintEvent) -> None:
        overlay = self.overlay()
        if overlay is not None:
            rounded(QPainter(self), QRectF(self.rect()), RADIUS.s, overlay)

    def _lay_out(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(self._title, 1)
        title.addWidget(self._badge)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addLayout(title)
        for label in (self._provider, self._reasons, self._lacks, self._notes):
            texts.addWidget(label)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(_PAD, 6, _PAD, 6))
        row.setSpacing(4)
        row.addWidget(self._rank, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, 1)
        for part in self.findChildren(QWidget):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def _spoken(entry: Entry) -> str:
    """All of it, for it is one thing to a screen reader."""
    first = f"{entry.rank}. {entry.name}" if entry.rank else tr("Nearly: {model}", model=entry.name)
    return ". ".join((f"{first}, {entry.provider}", *entry.reasons, *entry.lacks, *entry.notes))
