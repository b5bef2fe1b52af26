"""What belongs to writing on the chat page: the composer's helpers, options, personas, saved prompts."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from aiproxy_desktop.core.messages import Effort
from aiproxy_desktop.ui.chat.options.button import OptionsButton
from aiproxy_desktop.ui.chat.viewmodel import ChatViewModel
from aiproxy_desktop.ui.chat.writing.composer import Composer
from aiproxy_desktop.ui.theme.controller import ThemeController
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.popover import Popover
from aiproxy_desktop.ui.widgets.select import Select

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.writing.name_form import NameForm


class Writing(QObject):
    """Keeps the composer and the buttons round it in step with the view-model."""

    def __init__(
        self,
        view_model: ChatViewModel,
        themes: ThemeController,
        composer: Composer,
        open_picker: Callable[[QWidget], None],
        parent: QWidget,
    ) -> None:
        """Make the buttons; whoever lays out the page places them.

        Args:
            view_model: of the page.
            themes: to paint with.
            composer: what is written in.
            open_picker: opens the model picker at a button.
            parent: the page.
        """
        super().__init__(parent)
        self._vm = view_model
        self._model = model = view_model.writing
        self._themes = themes
        self._composer = composer
        self._open_picker = open_picker
        self._popover: Popover | None = None
        self._form: NameForm | None = None
        self.options_button = OptionsButton(themes, name="chat.options")
        self.new_options_button = OptionsButton(themes, name="chat.firstRun.options")
        self.new_persona = Select(
            themes, tr("Persona"), [], name="chat.firstRun.persona", kind="quiet", shows_choice=False
        )
        self._options_buttons = [self.options_button, self.new_options_button]
        composer.assist(lambda: model.presets.prompts, model.former_questions)
        composer.effort.chosen.connect(self._choose_effort)
        for button in self._options_buttons:
            button.clicked.connect(self.open_options)
        self.new_persona.chosen.connect(model.options.apply)
        model.options.changed.connect(self._show_options)
        model.count.changed.connect(self._show_count)
        model.settings_changed.connect(self._show_settings)
        model.draft_wanted.connect(composer.tell)
        model.prompt_saved.connect(self._prompt_saved)
        model.prompt_refused.connect(self._prompt_refused)
        self._show_options()
        self._show_settings()

    def add_options_button(self, button: OptionsButton) -> None:
        """One more that opens the options, where it is the one that is seen."""
        self._options_buttons.append(button)
        button.clicked.connect(self.open_options)
        button.show_count(self._model.options.set_count)

    def open_options(self) -> None:
        """Open the options below their button."""
        from aiproxy_desktop.ui.chat.options.panel import OptionsPanel

        if self._popover is not None:
            return
        button = next((one for one in self._options_buttons if one.isVisible()), self.options_button)
        one_model = not self._vm.comparing.active
        panel = OptionsPanel(self._themes, self._model.options, self._vm.models, one_model=one_model)
        panel.model_wanted.connect(self._open_picker)
        self._open(button, panel, "chat.options.popover", align_end=True)
        panel.resized.connect(self._refit)

    def open_prompts(self) -> None:
        """Open the list of saved prompts at the cursor."""
        self._composer.begin_prompt()

    def save_prompt(self) -> None:
        """Ask for the name under which what is written is kept."""
        from aiproxy_desktop.ui.chat.writing.name_form import NameForm

        self._composer.tell()
        if self._popover is not None or not self.can_save_prompt():
            return
        form = self._form = NameForm(self._themes, tr("Save as a prompt"), name="chat.savePrompt")
        form.setFixedWidth(360)
        form.setContentsMargins(8, 8, 8, 8)
        form.submitted.connect(self._model.save_prompt)
        self._open(self._composer.edit, form, "chat.savePrompt.popover", above=True)
        form.resized.connect(self._refit)

    def can_save_prompt(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self._vm.draft.strip())

    def _open(
        self, anchor: QWidget, content: QWidget, name: str, *, above: bool = False, align_end: bool = False
    ) -> None:
        self._popover = Popover(self._themes, anchor, content, name=name)
        self._popover.closed.connect(self._closed)
        self._popover.open("above" if above else "below", align_end=align_end)

    def _refit(self) -> None:
        if self._popover is not None:
            self._popover.refit()

    def _closed(self) -> None:
        self._popover = self._form = None

    def _prompt_saved(self, _name: str) -> None:
        if self._form is not None and self._popover is not None:
            self._popover.close_popover()

    def _prompt_refused(self, sentence: str) -> None:
        if self._form is not None:
            self._form.refuse(sentence)

    def _choose_effort(self, value: str) -> None:
        self._model.options.set(effort=cast("Effort", value) if value else None)

    def _show_options(self) -> None:
        options = self._model.options
        for button in self._options_buttons:
            button.show_count(options.set_count)
        info = self._vm.models.info
        thinks = info is not None and bool(info.capabilities.thinking)
        limits = options.limits
        self._composer.set_efforts(
            limits.efforts, options.current.effort, shown=thinks and bool(limits.efforts)
        )
        persona = options.persona
        self.new_persona.setVisible(bool(options.personas))
        self.new_persona.set_options([("", tr("None")), *((one.id, one.name) for one in options.personas)])
        self.new_persona.set_value("" if persona is None else persona.id)
        self.new_persona.set_label(
            tr("Persona: {name}", name=tr("none") if persona is None else persona.name)
        )
        self.new_persona.updateGeometry()

    def _show_count(self) -> None:
        self._composer.show_count(self._model.count.line, self._model.count.warning)

    def _show_settings(self) -> None:
        self._composer.edit.set_enter_sends(enter_sends=self._model.enter_sends)
