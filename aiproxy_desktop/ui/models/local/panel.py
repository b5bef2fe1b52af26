"""The panel of the models that run on this computer from files: each with its memory and how it is run."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.services.local_models import LocalFile
from aiproxy_desktop.ui.models.local.dropping import GgufDrop
from aiproxy_desktop.ui.models.local.group import BrokenGroup, ModelGroup
from aiproxy_desktop.ui.models.local.viewmodel import LocalModelsViewModel
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.theme.tokens import RADIUS
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.painting import margins, rounded
from aiproxy_desktop.ui.widgets.panel import Panel, rule


class LocalModelsPanel(Panel):
    """What is built in, and where files are dropped or opened."""

    def __init__(
        self, themes: ThemeController, view_model: LocalModelsViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; whoever owns the view-model starts it.

        Args:
            themes: to paint with.
            view_model: what to show.
            parent: of the widget.
        """
        super().__init__(themes, tr("Built in"), name="models.local", parent=parent)
        self._view_model = view_model
        self._groups: dict[str, tuple[LocalFile, ModelGroup | BrokenGroup, QFrame]] = {}
        self._area = DropArea(themes)
        self._area.opened.clicked.connect(view_model.ask_for_files)
        self._models = QVBoxLayout()
        self._models.setSpacing(8)
        self._empty = Label(tr("There is no model on this computer yet."), "body", "muted", wrap=True)
        self.column.addWidget(self._area)
        self.column.addWidget(self._empty)
        self.column.addLayout(self._models)
        self.column.addStretch(1)
        drop = GgufDrop(themes, self)
        drop.dropped.connect(view_model.add)
        view_model.changed.connect(self._show_files)
        view_model.file_wanted.connect(self._ask_for_file)
        self._show_files()

    def showEvent(self, event: QShowEvent) -> None:
        # How much memory is free has changed since it was shown last.
        if self._view_model.loaded:
            self._view_model.refresh()
        super().showEvent(event)

    def _show_files(self) -> None:
        self._area.show_adding(adding=self._view_model.adding)
        self._empty.setVisible(self._view_model.loaded and not self._view_model.files)
        files = {file.path: file for file in self._view_model.files}
        had_focus = has_focus_inside(self)
        for path, (former, _, _) in tuple(self._groups.items()):
            if path not in files or _kind(files[path]) != _kind(former):
                self._take_away(path)
        for place, (path, file) in enumerate(files.items()):
            if path in self._groups:
                _, group, line = self._groups[path]
                if isinstance(group, ModelGroup):
                    group.show_file(file)
            else:
                group, line = self._made(file), rule()
                self._models.insertWidget(2 * place, line)
                self._models.insertWidget(2 * place + 1, group)
            self._groups[path] = (file, group, line)
        if had_focus and not has_focus_inside(self):
            self.focus_start()

    def _made(self, file: LocalFile) -> ModelGroup | BrokenGroup:
        kind = BrokenGroup if file.problem else ModelGroup
        group = kind(self.themes, self._view_model, file)
        self.keep_in_sight([widget for widget in group.findChildren(QWidget) if _takes_keys(widget)])
        return group

    def _take_away(self, path: str) -> None:
        _, group, line = self._groups.pop(path)
        for widget in (group, line):
            self._models.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def _ask_for_file(self, path: str) -> None:
        title = tr("Where is the model file now?") if path else tr("Add model files")
        dialog = QFileDialog(self, title)
        dialog.setObjectName("models.local.dialog")
        dialog.setNameFilters(
            [tr("Models ({pattern})", pattern="*.gguf"), tr("All files ({pattern})", pattern="*")]
        )
        many = QFileDialog.FileMode.ExistingFiles
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile if path else many)
        if path:
            dialog.fileSelected.connect(lambda chosen: self._view_model.locate(path, chosen))
        else:
            dialog.filesSelected.connect(self._view_model.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


class DropArea(QFrame):
    """Where files are dropped, and a button for whoever does not drag."""

    def __init__(self, themes: ThemeController) -> None:
        """Make it."""
        super().__init__()
        self._themes = themes
        self.setObjectName("models.local.dropArea")
        self.opened = Button(themes, tr("Open a file…"), name="models.local.open")
        self._words = Label("", "body", "secondary", wrap=True)
        row = QHBoxLayout(self)
        row.setContentsMargins(margins(13, 12, 13, 12))
        row.setSpacing(12)
        row.addWidget(self._words, 1)
        row.addWidget(self.opened)

    def show_adding(self, *, adding: bool) -> None:
        """Say that files are being looked at, or what to do here."""
        self._words.setText(tr("Reading…") if adding else tr("Drop a GGUF file here, or"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._themes.theme
        rounded(QPainter(self), QRectF(self.rect()), RADIUS.m, theme.surface_raised, theme.border_strong)


def _takes_keys(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _kind(file: LocalFile) -> tuple[object, ...]:
    """What a group is made for; where it changes, another one is made."""
    return (file.id, file.name, file.problem, file.deletable, file.size)
