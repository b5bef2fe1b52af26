"""Deleting a model asks in its row, and copying one asks for a name there."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.ui.models.ollama.change_viewmodel import ChangeViewModel
from aiproxy_desktop.ui.models.ollama.words import deletion_question
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.announcing import announce
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.flow_layout import flowing
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.text_field import Field


class DeleteConfirm(QFrame):
    """What goes and what that frees, and below it Keep and Delete. Emits `finished` when it is answered."""

    finished = Signal()

    def __init__(
        self, themes: ThemeController, view_model: ChangeViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; `ask` says of which model."""
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("models.ollama.delete")
        self._question = Label("", "body", "danger", wrap=True)
        self._keep = Button(themes, tr("Keep"), name="models.ollama.delete.keep")
        self._delete = Button(themes, tr("Delete"), name="models.ollama.delete.confirm", kind="danger")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(8)
        column.addWidget(self._question)
        column.addWidget(flowing((self._keep, self._delete)))
        self._keep.clicked.connect(self._give_up)
        self._delete.clicked.connect(view_model.delete)
        view_model.deletion_changed.connect(self._show)
        view_model.deleted.connect(lambda _reference, _freed: self.finished.emit())
        self._show()

    def ask(self, host: str, model: str) -> None:
        """Ask whether to delete a model. The keys are on Keep, so that Enter alone deletes nothing."""
        self._view_model.ask_delete(host, model)
        self._keep.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self._view_model.deletion.busy:
            self._give_up()
            return
        super().keyPressEvent(event)

    def _give_up(self) -> None:
        self._view_model.keep()
        self.finished.emit()

    def _show(self) -> None:
        state = self._view_model.deletion
        if not state.model:
            return
        said = state.problem or deletion_question(state.model, state.space)
        if said != self._question.text():
            announce(self, said)
        self._question.setText(said)
        self.setAccessibleName(said)
        shown = state.model.removesuffix(":latest")
        self._keep.setAccessibleName(tr("Keep {model}", model=shown))
        self._delete.set_label(tr("Deleting…") if state.busy else tr("Delete"))
        self._delete.updateGeometry()
        self._delete.setAccessibleName(tr("Delete {model}", model=shown))
        self._keep.setEnabled(not state.busy)
        self._delete.setEnabled(not state.busy)
        if state.problem and not has_focus_inside(self):
            self._keep.setFocus(Qt.FocusReason.TabFocusReason)


class CopyForm(QFrame):
    """The name of a copy. Emits `finished` once it was made, or the person gave up."""

    finished = Signal()

    def __init__(
        self, themes: ThemeController, view_model: ChangeViewModel, parent: QWidget | None = None
    ) -> None:
        """Make it; `ask` says of which model."""
        super().__init__(parent)
        self._view_model = view_model
        self.setObjectName("models.ollama.copy")
        self._caption = Label("", "meta", "secondary", wrap=True)
        self._name = Field(themes, "", name="models.ollama.copy.name", accessible_name=tr("Name of the copy"))
        self._save = Button(themes, tr("Copy"), name="models.ollama.copy.save", kind="primary", large=True)
        cancel = Button(themes, tr("Cancel"), name="models.ollama.copy.cancel", kind="quiet", large=True)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._save)
        row.addWidget(cancel)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addWidget(self._caption)
        column.addWidget(self._name)
        column.addSpacing(4)
        column.addLayout(row)
        self._save.clicked.connect(self._submit)
        self._name.input.returnPressed.connect(self._submit)
        cancel.clicked.connect(self._give_up)
        view_model.copying_changed.connect(self._show)
        view_model.copied.connect(lambda _reference: self.finished.emit())

    def ask(self, host: str, model: str) -> None:
        """Ask for the name of a copy of a model."""
        self._view_model.ask_copy(host, model)
        self._name.set_text("")
        self._name.input.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._give_up()
            return
        super().keyPressEvent(event)

    def _give_up(self) -> None:
        self._view_model.forget_copy()
        self.finished.emit()

    def _submit(self) -> None:
        self._view_model.copy(self._name.text)

    def _show(self) -> None:
        state = self._view_model.copying
        if not state.model:
            return
        shown = state.model.removesuffix(":latest")
        self._caption.setText(tr("A copy of {model}; it takes no more space.", model=shown))
        self._name.set_error(state.problem)
        self._save.setEnabled(not state.busy)
