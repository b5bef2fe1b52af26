"""One download: how far it is, and what can be done about it. Its widgets stay while it goes on."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QWidget

from aiproxy_desktop.services.download_values import Download
from aiproxy_desktop.ui.models.downloads import words
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.fonts import font
from aiproxy_desktop.ui.theme.icons import icon_pixmap
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label
from aiproxy_desktop.ui.widgets.painting import margins, mirrored
from aiproxy_desktop.ui.widgets.progress_bar import ProgressBar

ROW = 36
_ICON = 16
_ICON_AT = 10
_START = 36
_NAME = 152
_LEAST_NAME = 72
_PERCENT = 36
_BAR = 180


class DownloadRow(QFrame):
    """A row of the strip, 36 high, more where a sentence needs it.

    Emits `pause`, `resume`, `cancel` and `dismiss` with the download's id.
    """

    pause = Signal(str)
    resume = Signal(str)
    cancel = Signal(str)
    dismiss = Signal(str)

    def __init__(
        self, themes: ThemeController, download: Download, host: str = "", parent: QWidget | None = None
    ) -> None:
        """Make it; `host` is the server that pulls, where there are several."""
        super().__init__(parent)
        self._themes = themes
        self._download = download
        self._shown: Download | None = None
        name = f"models.downloads.{download.id}"
        self.setObjectName(name)
        self.setProperty("edge", "bottom")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        called = tr("{model} · {server}", model=download.name, server=host) if host else download.name
        self._name = ElidedLabel(called, "body", mode=Qt.TextElideMode.ElideMiddle)
        self._name.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name.setMinimumWidth(_LEAST_NAME)
        self._name.setMaximumWidth(_NAME)
        self._bar = ProgressBar(themes, name=f"{name}.bar")
        self._bar.setMaximumWidth(_BAR)
        self._percent = Label("", "meta", tabular=True)
        self._percent.setFixedWidth(_PERCENT)
        self._facts = ElidedLabel("", "meta", "secondary")
        self._facts.setFont(font("meta", tabular=True))
        self._facts.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._problem = Label("", "meta", "danger", wrap=True)
        self._problem.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.toggle = Button(themes, tr("Resume"), name=f"{name}.toggle", kind="quiet", icon="pause")
        self.end = Button(themes, tr("Cancel"), name=f"{name}.cancel", kind="quiet", icon="close")
        # What it says changes; the bars of all rows stay in line.
        self.toggle.setMinimumWidth(self.toggle.sizeHint().width())
        self.toggle.clicked.connect(self._toggled)
        self.end.clicked.connect(self._ended)
        self._lay_out()
        self.show_download(download)

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(_START, 3, 16, 4))
        row.setSpacing(12)
        row.addWidget(self._name, 3)
        row.addWidget(self._bar, 3)
        row.addWidget(self._percent)
        row.addWidget(self._facts, 5)
        row.addWidget(self._problem, 8)
        row.addWidget(self.toggle)
        row.addSpacing(-8)
        row.addWidget(self.end)

    def minimumSizeHint(self) -> QSize:
        return super().minimumSizeHint().expandedTo(QSize(0, ROW))

    @property
    def download(self) -> Download:
        """What it shows."""
        return self._download

    def show_download(self, download: Download) -> None:
        """Show how it stands now; only what differs is touched."""
        former, self._download = self._shown, download
        if former == download:
            return
        self._shown = download
        status = download.status
        percent, facts = words.percent(download), words.facts(download)
        if percent != self._percent.text():
            self._percent.setText(percent)
        if facts != self._facts.text():
            self._facts.setText(facts)
        live = status in {"running", "checking"} and download.retry_in is None
        self._bar.show_fraction(1.0 if status == "done" else download.fraction, live=live or status == "done")
        if former is None or (former.status, former.error_title) != (status, download.error_title):
            self._show_state(download)
        self.setAccessibleName(words.spoken(download))

    def _show_state(self, download: Download) -> None:
        status, failed = download.status, download.status == "failed"
        self._problem.setText(words.problem(download) if failed else "")
        for widget in (self._bar, self._percent, self._facts):
            widget.setVisible(not failed)
        self._problem.setVisible(failed)
        self._bar.setAccessibleName(tr("Progress of {name}", name=download.name))
        text, icon = self._act(download)
        self.toggle.set_icon(icon)
        self.toggle.set_label(text)
        self.toggle.setAccessibleName(tr("{act} {name}", act=text, name=download.name))
        self.toggle.setVisible(status != "done")
        over = failed or status == "done"
        self.end.set_label(tr("Dismiss") if over else tr("Cancel"))
        self.end.setAccessibleName(tr("{act} {name}", act=self.end.text(), name=download.name))
        came = download.kind == "file" and (failed or not over)
        self.end.setAccessibleDescription(tr("Removes what came of the file.") if came else "")
        self.update()

    def _act(self, download: Download) -> tuple[str, str]:
        if download.status == "failed":
            return (tr("Fetch again") if download.spoiled else tr("Try again")), "refresh"
        if download.status == "paused":
            return tr("Resume"), "play"
        return tr("Pause"), "pause"

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, status = self._themes.theme, self._download.status
        icon, ink = {
            "failed": ("error", theme.danger),
            "done": ("check", theme.success),
        }.get(status, ("download", theme.text_secondary))
        pixmap = icon_pixmap(icon, ink, _ICON, self.devicePixelRatioF())
        place = QRect(_ICON_AT, (self.height() - 1 - _ICON) // 2, _ICON, _ICON)
        QPainter(self).drawPixmap(mirrored(self, place).topLeft(), pixmap)

    def _toggled(self) -> None:
        stopped = self._download.status in {"paused", "failed"}
        (self.resume if stopped else self.pause).emit(self._download.id)

    def _ended(self) -> None:
        over = self._download.status in {"failed", "done"}
        (self.dismiss if over else self.cancel).emit(self._download.id)
