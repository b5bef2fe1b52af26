"""Settings, Prompts and personas."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.ui.settings.preset_card import PresetCard
from aiproxy_desktop.ui.settings.preset_forms import PresetForm, focus_first, form_for
from aiproxy_desktop.ui.settings.presets_viewmodel import PresetEditor, PresetsViewModel
from aiproxy_desktop.ui.settings.scroll_column import ScrollColumn
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.focus import has_focus_inside
from aiproxy_desktop.ui.widgets.labels import Label


class PresetsPage(ScrollColumn):
    """Two lists with their editors."""

    def __init__(
        self, view_model: PresetsViewModel, themes: ThemeController, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Prompts and personas"), name="settings.presets", parent=parent)
        self._vm = view_model
        self._themes = themes
        self._form: PresetForm | None = None
        self._prompts = PresetCard(
            themes,
            tr("Saved prompts"),
            tr("Add a prompt"),
            tr("Type / in a message to use one"),
            name="settings.prompts",
        )
        self._personas = PresetCard(
            themes,
            tr("Personas"),
            tr("Add a persona"),
            tr("A model and options under a name"),
            name="settings.personas",
        )
        self.column.addSpacing(20)
        self.column.addWidget(Label(tr("Saved prompts"), "reading_strong"))
        self.column.addSpacing(8)
        self.column.addWidget(self._prompts)
        self.column.addSpacing(24)
        self.column.addWidget(Label(tr("Personas"), "reading_strong"))
        self.column.addSpacing(8)
        self.column.addWidget(self._personas)
        self.column.addStretch(1)
        self._follow()
        view_model.start()
        self._show_rows()

    def _follow(self) -> None:
        vm = self._vm
        self._prompts.add_pressed.connect(lambda: vm.add("prompt"))
        self._prompts.edit_pressed.connect(lambda row: vm.edit("prompt", row))
        self._prompts.delete_pressed.connect(lambda row: vm.delete("prompt", row))
        self._personas.add_pressed.connect(lambda: vm.add("persona"))
        self._personas.edit_pressed.connect(lambda row: vm.edit("persona", row))
        self._personas.delete_pressed.connect(lambda row: vm.delete("persona", row))
        vm.rows_changed.connect(self._show_rows)
        vm.editor_changed.connect(self._show_editor)

    def _show_rows(self) -> None:
        self._prompts.show_rows(self._vm.prompts)
        self._personas.show_rows(self._vm.personas)

    def _show_editor(self) -> None:
        editor, form = self._vm.editor, self._form
        if form is not None and editor is not None and _same(form.editor, editor):
            form.name.set_error(editor.error)
            form.name.input.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if form is not None:
            self._close(form)
        if editor is None:
            return
        form = self._form = form_for(self._themes, editor, self._vm.models)
        form.submitted.connect(self._vm.save)
        form.cancelled.connect(self._vm.cancel)
        card = self._prompts if editor.kind == "prompt" else self._personas
        card.show_editor(form, editor.id)
        focus_first(form)
        self.lay_out_now()
        self.ensureWidgetVisible(form, 0, 16)

    def _close(self, form: PresetForm) -> None:
        card = self._prompts if form.editor.kind == "prompt" else self._personas
        had_focus = has_focus_inside(form)
        card.show_editor(None)
        self._form = None
        if had_focus:
            card.edit_button(form.editor.id).setFocus(Qt.FocusReason.OtherFocusReason)


def _same(shown: PresetEditor, editor: PresetEditor) -> bool:
    return (shown.kind, shown.id) == (editor.kind, editor.id) and bool(editor.error)
