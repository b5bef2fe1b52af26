"""What is being fetched, above the table; nothing where nothing is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from aiproxy_desktop.services.download_values import Download
from aiproxy_desktop.ui.models.downloads import words
from aiproxy_desktop.ui.models.downloads.row import ROW, DownloadRow
from aiproxy_desktop.ui.models.downloads.viewmodel import DownloadsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.focus import has_focus_inside

MOST_ROWS = 4


class DownloadStrip(QScrollArea):
    """A row for each download, at most four in sight. Emits `left` when the last one went with the keys."""

    left = Signal()

    def __init__(
        self, themes: ThemeController, view_model: DownloadsViewModel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._themes = themes
        self._vm = view_model
        self._rows: dict[str, DownloadRow] = {}
        self.setObjectName("models.downloads")
        self.setAccessibleName(tr("Downloads"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._inner = QWidget()
        self._inner.setProperty("layer", "surface")
        self._column = QVBoxLayout(self._inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(self._inner)
        # Never seen: holds the rows' place in the order of Tab, where new ones would come after all else.
        self._before = QWidget(self._inner)
        self._before.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._before.hide()
        view_model.changed.connect(self.show_downloads)
        self.show_downloads()

    @property
    def rows(self) -> tuple[DownloadRow, ...]:
        """The rows, from the top."""
        return tuple(self._rows.values())

    def show_downloads(self) -> None:
        """Show what the view-model holds; rows stay the same as long as their download is there."""
        downloads = self._vm.downloads
        different = False
        gone = self._rows.keys() - {download.id for download in downloads}
        for download_id in gone:
            self._remove(download_id)
        for download in downloads:
            row = self._rows.get(download.id)
            if row is None:
                self._add(download)
                different = True
            elif row.download != download:
                former = row.download.status
                row.show_download(download)
                if former != download.status:
                    different = True
                    self._tell(download)
        if gone or different:
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What the keys reach is in sight.
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self.ensureWidgetVisible(watched.parentWidget() or watched, 0, 0)
        return False

    def _add(self, download: Download) -> None:
        hosts = dict(self._vm.hosts) if download.kind == "pull" and len(self._vm.hosts) > 1 else {}
        row = DownloadRow(self._themes, download, hosts.get(download.provider, ""))
        self._rows[download.id] = row
        self._column.insertWidget(self._column.count() - 1, row)
        row.pause.connect(self._vm.pause)
        row.resume.connect(self._vm.resume)
        row.cancel.connect(self._vm.cancel)
        row.dismiss.connect(self._vm.dismiss)
        former = self.rows[-2].end if len(self._rows) > 1 else self._before
        for button in (row.toggle, row.end):
            button.installEventFilter(self)
            self.setTabOrder(former, button)
            former = button

    def _remove(self, download_id: str) -> None:
        places = list(self._rows)
        place = places.index(download_id)
        row = self._rows.pop(download_id)
        had_focus = has_focus_inside(row)
        if had_focus and self._rows:
            # The keys stay in the strip: on the row that takes this one's place, else on the last.
            follower = list(self._rows.values())[min(place, len(self._rows) - 1)]
            follower.end.setFocus(Qt.FocusReason.TabFocusReason)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()
        if had_focus and not self._rows:
            self.left.emit()

    def _fit(self) -> None:
        self.setVisible(bool(self._rows))
        width = self.width()
        if len(self._rows) > MOST_ROWS:
            width -= self.verticalScrollBar().sizeHint().width()
        # Set, not left to the layout: a sentence that wraps says its least height at its least width.
        heights = [max(ROW, row.heightForWidth(width)) for row in self.rows]
        for row, height in zip(self.rows, heights, strict=True):
            row.setFixedHeight(height)
        self._inner.setFixedHeight(sum(heights))
        self.setFixedHeight(max(ROW, sum(heights[:MOST_ROWS])))

    def _tell(self, download: Download) -> None:
        if download.status in {"failed", "done"}:
            announce(self, words.spoken(download))
