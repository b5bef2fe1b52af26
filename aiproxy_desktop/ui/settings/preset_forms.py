"""The editors of a prompt and of a persona."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.presets import MAX_NAME
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.options.fields import OptionFields
from aiproxy_desktop.ui.chat.options.limits import Limits, limits_of
from aiproxy_desktop.ui.chat.options.rows import OptionRow
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetEditor
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.buttons import Button
from aiproxy_desktop.ui.widgets.labels import Label
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.text_area import TextArea
from aiproxy_desktop.ui.widgets.text_field import Field


class PresetForm(QFrame):
    """A name, what is kept under it, Save and Cancel."""

    submitted = Signal(str, str, object)  # name, text, ChatOptions
    cancelled = Signal()

    def __init__(self, themes: ThemeController, editor: PresetEditor, *, name: str) -> None:
        super().__init__()
        self.editor = editor
        self.setObjectName(name)
        self.name = Field(themes, tr("Name"), name=f"{name}.name")
        self.name.input.setMaxLength(MAX_NAME)
        self.name.set_text(editor.name)
        self.setFocusProxy(self.name.input)
        self._save = Button(themes, tr("Save"), name=f"{name}.save", kind="primary", large=True)
        self._cancel = Button(themes, tr("Cancel"), name=f"{name}.cancel", large=True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(16, 12, 16, 16)
        self.column.setSpacing(8)
        self.column.addWidget(self.name)
        self._add_content()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._save)
        buttons.addWidget(self._cancel)
        buttons.addStretch(1)
        self.column.addSpacing(4)
        self.column.addLayout(buttons)
        self._save.clicked.connect(self.submit)
        self.name.input.returnPressed.connect(self.submit)
        self._cancel.clicked.connect(self.cancelled)

    def submit(self) -> None:
        """Tell what is in it."""
        self.submitted.emit(self.name.text, self.content_text(), self.content_options())

    def content_text(self) -> str:
        """What a prompt says."""
        return ""

    def content_options(self) -> ChatOptions:
        """What a persona sets."""
        return NO_OPTIONS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def _add_content(self) -> None:
        """Put in what stands below the name."""


class PromptForm(PresetForm):
    """A prompt: its name and its text."""

    def content_text(self) -> str:
        return self._text.toPlainText()

    def _add_content(self) -> None:
        self._text = TextArea(name=f"{self.objectName()}.text", accessible_name=tr("Text"), lines=6)
        self._text.set_text(self.editor.text)
        self.column.addWidget(Label(tr("Text"), "meta", "secondary"))
        self.column.addWidget(self._text)
        self.column.addWidget(
            Label(
                tr(
                    "{{name}} and {{name=default}} are filled in when it is used; "
                    "{{date}}, {{time}} and {{clipboard}} fill themselves."
                ),
                "meta",
                "muted",
                wrap=True,
            )
        )


class PersonaForm(PresetForm):
    """A persona: its name, its model and its options."""

    def __init__(
        self, themes: ThemeController, editor: PresetEditor, models: ModelChoice, *, name: str
    ) -> None:
        self._themes = themes
        self._models = models
        self._options = editor.options
        self._popover: Popover | None = None
        super().__init__(themes, editor, name=name)

    def content_options(self) -> ChatOptions:
        return self._options

    def _add_content(self) -> None:
        name = self.objectName()
        self._model = Button(self._themes, "", name=f"{name}.model", chevron=True)
        self._any = Button(self._themes, tr("Any model"), name=f"{name}.anyModel", kind="quiet")
        self._fields = OptionFields(self._themes, name=f"{name}.options")
        self.column.addWidget(OptionRow(tr("Model"), self._model, self._any))
        self.column.addWidget(self._fields)
        self._model.clicked.connect(self._pick_model)
        self._any.clicked.connect(lambda: self._take(model=None))
        self._fields.changed.connect(lambda field, value: self._take(**{field: value}))
        self._show()

    def _take(self, **changes: object) -> None:
        self._options = msgspec.structs.replace(self._options, **changes)
        self._show()

    def _show(self) -> None:
        reference = self._options.model
        self._model.set_label(tr("Any model") if reference is None else self._models.name(reference))
        self._model.setAccessibleName(tr("Model: {name}", name=self._model.text()))
        self._model.updateGeometry()
        self._any.setVisible(reference is not None)
        limits = Limits() if reference is None else limits_of(self._models.known(reference))
        self._fields.show_options(self._options, limits)

    def _pick_model(self) -> None:
        from aiproxy_desktop.ui.chat.models.picker import ModelPicker

        picker = ModelPicker(self._themes, self._models.rows, self._options.model)
        popover = self._popover = Popover(
            self._themes, self._model, picker, name=f"{self.objectName()}.picker"
        )
        picker.picked.connect(self._picked(popover))
        picker.resized.connect(popover.refit)
        popover.open()

    def _picked(self, popover: Popover) -> Callable[[str], None]:
        def take(reference: str) -> None:
            popover.close_popover()
            self._take(model=reference)

        return take


def form_for(themes: ThemeController, editor: PresetEditor, models: ModelChoice) -> PresetForm:
    """The form that edits this."""
    if editor.kind == "prompt":
        return PromptForm(themes, editor, name="settings.prompt")
    return PersonaForm(themes, editor, models, name="settings.persona")


def focus_first(form: QWidget) -> None:
    """Put the keys into the name."""
    form.setFocus(Qt.FocusReason.OtherFocusReason)
