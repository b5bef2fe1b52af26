"""One built-in model in the panel: what it is, whether it fits, how it is run; or that its file is gone."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.core.providers.builtin.local_models import clean
from aiproxy_desktop.services.local_models import LocalFile
from aiproxy_desktop.ui.chat.conversation.facts import file_size
from aiproxy_desktop.ui.models.local.controls import ContextControl, ThreadsStepper
from aiproxy_desktop.ui.models.local.viewmodel import LocalModelsViewModel
from aiproxy_desktop.ui.models.local.words import facts_line, fit_line
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button, ButtonKind
from aiproxy_desktop.ui.widgets.labels import ElidedLabel, Label

_LONGEST_PATH = 1000


class ModelGroup(QWidget):
    """A model that can be used. `show_file` shows it anew."""

    def __init__(self, themes: ThemeController, view_model: LocalModelsViewModel, file: LocalFile) -> None:
        """Make it for a file; the path of what `show_file` shows later is the same."""
        super().__init__()
        self._view_model = view_model
        self._file = file
        name, path = f"models.local.{file.id}", file.path
        self.setObjectName(name)
        self.setAccessibleName(file.name)
        self._facts = Label("", "meta", "muted", wrap=True)
        self._fit = Label("", "meta", "secondary", wrap=True)
        self._context = ContextControl(themes, name=f"{name}.context", of=file.name)
        self._threads = ThreadsStepper(themes, view_model.cores, name=f"{name}.threads", of=file.name)
        self._confirm = _DeleteConfirm(themes, view_model, file, name=f"{name}.confirm")
        self._delete = Button(themes, tr("Delete the file…"), name=f"{name}.askDelete")
        self._delete.setAccessibleName(tr("Delete the file of {model}…", model=file.name))
        self._delete.clicked.connect(lambda: view_model.ask_delete(path))
        column = _column(self)
        column.addLayout(_head(themes, view_model, file, name=name))
        column.addWidget(self._facts)
        column.addWidget(self._fit)
        column.addSpacing(8)
        column.addWidget(self._context)
        column.addSpacing(4)
        column.addWidget(self._threads)
        column.addSpacing(4)
        column.addWidget(self._delete, 0, Qt.AlignmentFlag.AlignLeading)
        column.addWidget(self._confirm)
        self._context.moved.connect(self._show_fit)
        self._context.chosen.connect(lambda context: view_model.set_context(path, context))
        self._threads.chosen.connect(lambda threads: view_model.set_threads(path, threads))
        self.show_file(file)

    def show_file(self, file: LocalFile) -> None:
        """Show how it is now."""
        self._file = file
        self._facts.setText(facts_line(file))
        self._context.show_choice(file.contexts, file.context)
        self._threads.show_value(file.threads)
        self._show_fit(self._context.value)
        confirming = file.deletable and self._view_model.confirming == file.path
        self._confirm.setVisible(confirming)
        self._delete.setVisible(file.deletable and not confirming)

    def _show_fit(self, context: int) -> None:
        line = fit_line(self._file, context)
        self._fit.setText(line.text)
        self._fit.set_tone(line.tone)
        self._context.slider.setAccessibleDescription(f"{context:,}. {line.text}")


class BrokenGroup(QWidget):
    """A model whose file is gone, or is none any more."""

    def __init__(self, themes: ThemeController, view_model: LocalModelsViewModel, file: LocalFile) -> None:
        """Make it."""
        super().__init__()
        name, path = f"models.local.{file.id}", file.path
        self.setObjectName(name)
        self.setAccessibleName(file.name)
        problem = tr("The file is gone") if file.missing else file.problem
        locate = Button(themes, tr("Locate…"), name=f"{name}.locate")
        locate.setAccessibleName(tr("Locate {model}…", model=file.name))
        locate.clicked.connect(lambda: view_model.ask_where(path))
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(locate)
        buttons.addWidget(_remove_button(themes, view_model, file, name=name))
        buttons.addStretch(1)
        column = _column(self)
        column.addWidget(ElidedLabel(file.name, "body_medium"))
        column.addWidget(Label(problem, "meta", "danger", wrap=True))
        # Paths are read from the left everywhere; an isolate keeps their signs in order.
        shown = f"\u2066{clean(path, _LONGEST_PATH)}\u2069"
        column.addWidget(ElidedLabel(shown, "meta", "muted", mode=Qt.TextElideMode.ElideMiddle))
        column.addSpacing(8)
        column.addLayout(buttons)


class _DeleteConfirm(QWidget):
    """Whether a file is really to be deleted, asked in its place."""

    def __init__(
        self, themes: ThemeController, view_model: LocalModelsViewModel, file: LocalFile, *, name: str
    ) -> None:
        super().__init__()
        size = file_size(file.size)
        delete = Button(themes, tr("Delete file"), name=f"{name}.delete", kind="danger")
        delete.clicked.connect(lambda: view_model.delete(file.path))
        keep = Button(themes, tr("Keep it"), name=f"{name}.keep", kind="quiet")
        keep.clicked.connect(lambda: view_model.ask_delete(""))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(delete)
        row.addWidget(keep)
        row.addStretch(1)
        column = _column(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(8)
        column.addWidget(
            Label(tr("Deleting the file frees {size} on the disk.", size=size), "meta", wrap=True)
        )
        column.addLayout(row)


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 4, 0, 4)
    column.setSpacing(0)
    return column


def _head(
    themes: ThemeController, view_model: LocalModelsViewModel, file: LocalFile, *, name: str
) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(ElidedLabel(file.name, "body_medium"), 1)
    if file.bundled:
        row.addWidget(Label(tr("Comes with the app"), "meta", "muted"))
    else:
        row.addWidget(_remove_button(themes, view_model, file, name=name, kind="quiet"))
    return row


def _remove_button(
    themes: ThemeController,
    view_model: LocalModelsViewModel,
    file: LocalFile,
    *,
    name: str,
    kind: ButtonKind = "secondary",
) -> Button:
    button = Button(themes, tr("Remove"), name=f"{name}.remove", kind=kind)
    button.setAccessibleName(tr("Remove {model} from the list", model=file.name))
    button.clicked.connect(lambda: view_model.remove(file.path))
    return button
