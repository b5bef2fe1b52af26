"""Settings, Prompts and personas, without its widgets. QtCore only."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec
from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.presets import PresetService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.storage.chat_options import NO_OPTIONS, ChatOptions
from aiproxy_desktop.storage.presets import Persona, Prompt
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.chat.options.limits import set_count
from aiproxy_desktop.ui.shell.notice import Notice
from aiproxy_desktop.ui.translation import tr, tr_count

Kind: TypeAlias = Literal["prompt", "persona"]


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One line of a list."""

    id: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class PresetEditor:
    """What is being edited; `id` is empty for a new one. `error` is about the name."""

    kind: Kind
    id: str = ""
    name: str = ""
    text: str = ""
    options: ChatOptions = NO_OPTIONS
    error: str = ""


class PresetsViewModel(QObject):
    """Lists, and the one editor that can be open. Await `close` at the end."""

    rows_changed = Signal()
    editor_changed = Signal()  # `editor` opened, closed or refused
    noticed = Signal(object)  # Notice

    def __init__(
        self,
        presets: PresetService,
        models: ModelChoice,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        """Wire the services up; nothing runs before `start`.

        Args:
            presets: prompts and personas.
            models: those a persona can name.
            on_unexpected: told of errors nobody planned for.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._presets = presets
        self.models = models
        self._scope = TaskScope("presets", on_unexpected)
        self._editor: PresetEditor | None = None
        self._unsubscribe: list[Callable[[], None]] = []

    def start(self) -> None:
        """Follow the services."""
        if not self._unsubscribe:
            self._unsubscribe = [self._presets.subscribe(self.rows_changed.emit)]

    async def close(self) -> None:
        """Stop what runs and follow nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe = []
        await self._scope.close()

    # What is shown

    @property
    def prompts(self) -> tuple[PresetRow, ...]:
        """In the order of their names."""
        return tuple(
            PresetRow(one.id, one.name, " ".join(one.text[:200].split())) for one in self._presets.prompts
        )

    @property
    def personas(self) -> tuple[PresetRow, ...]:
        """In the order of their names."""
        return tuple(PresetRow(one.id, one.name, self._told(one.options)) for one in self._presets.personas)

    @property
    def editor(self) -> PresetEditor | None:
        """What is being edited."""
        return self._editor

    # What can be done

    def add(self, kind: Kind) -> None:
        """Open an empty editor."""
        self._show(PresetEditor(kind))

    def edit(self, kind: Kind, preset_id: str) -> None:
        """Open the editor of one."""
        if kind == "prompt":
            prompt = self._prompt(preset_id)
            if prompt is not None:
                self._show(PresetEditor("prompt", prompt.id, prompt.name, prompt.text))
            return
        persona = self._persona(preset_id)
        if persona is not None:
            self._show(PresetEditor("persona", persona.id, persona.name, options=persona.options))

    def cancel(self) -> None:
        """Close the editor; nothing is kept."""
        self._show(None)

    def save(self, name: str, text: str = "", options: ChatOptions = NO_OPTIONS) -> None:
        """Keep what the editor holds, and close it; a name that cannot be used is refused in place."""
        editor = self._editor
        if editor is None:
            return
        if editor.kind == "prompt":
            self._run(self._save(self._presets.save_prompt(Prompt(name, text, editor.id))), "save")
        else:
            self._run(self._save(self._presets.save_persona(Persona(name, options, editor.id))), "save")

    def delete(self, kind: Kind, preset_id: str) -> None:
        """Remove one, with a way back."""
        if self._editor is not None and (self._editor.kind, self._editor.id) == (kind, preset_id):
            self.cancel()
        if kind == "prompt" and (prompt := self._prompt(preset_id)) is not None:
            back = self._presets.save_prompt
            self._run(
                self._delete(self._presets.delete_prompt(preset_id), prompt.name, lambda: back(prompt)),
                "delete",
            )
        elif kind == "persona" and (persona := self._persona(preset_id)) is not None:
            keep = self._presets.save_persona
            self._run(
                self._delete(self._presets.delete_persona(preset_id), persona.name, lambda: keep(persona)),
                "delete",
            )

    # How

    async def _save(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AIProxyError as error:
            if self._editor is not None:
                refused = PresetEditor(
                    *(self._editor.kind, self._editor.id, self._editor.name, self._editor.text),
                    self._editor.options,
                    error=str(error),
                )
                self._editor = refused
                self.editor_changed.emit()
        else:
            self._show(None)

    async def _delete(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        undo: Callable[[], Coroutine[Any, Any, object]],
    ) -> None:
        await work
        self.noticed.emit(Notice(tr("“{name}” deleted", name=name), lambda: self._run(undo(), "undo")))

    def _show(self, editor: PresetEditor | None) -> None:
        self._editor = editor
        self.editor_changed.emit()

    def _prompt(self, preset_id: str) -> Prompt | None:
        return next((one for one in self._presets.prompts if one.id == preset_id), None)

    def _persona(self, preset_id: str) -> Persona | None:
        return next((one for one in self._presets.personas if one.id == preset_id), None)

    def _told(self, options: ChatOptions) -> str:
        """The model, and the system prompt or how much is set."""
        facts = [self.models.name(options.model)] if options.model else []
        system = " ".join(options.system[:200].split())
        others = set_count(msgspec.structs.replace(options, system=""))
        if others:
            facts.append(tr_count("{n} option", "{n} options", others))
        if system:
            facts.append(system)
        return " · ".join(facts) or tr("Leaves everything to the provider")

    def _run(self, work: Coroutine[Any, Any, object], name: str) -> None:
        self._scope.start(self._guarded(work), name)

    async def _guarded(self, work: Coroutine[Any, Any, object]) -> None:
        try:
            await work
        except AIProxyError as error:
            self.noticed.emit(Notice(str(error)))
