"""Deleting and copying a model of an Ollama server, each asked for in place. QtCore only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.administration import DeletionSpace
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.models.ollama.words import sentence
from aiproxy_desktop.ui.translation import tr


@dataclass(frozen=True, slots=True)
class Change:
    """The model it is about, empty for none. `space` is None until it is known; `problem` a sentence."""

    host: str = ""
    model: str = ""
    space: DeletionSpace | None = None
    busy: bool = False
    problem: str = ""


class ChangeViewModel(QObject):
    """One model at a time is asked about, for each of the two."""

    deletion_changed = Signal()
    copying_changed = Signal()
    deleted = Signal(str, object)  # reference, and the bytes it freed: int, or None for unknown
    copied = Signal(str)  # reference of the copy

    def __init__(
        self,
        ollama: OllamaService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ollama = ollama
        self._scope = TaskScope("ollama changes", on_unexpected)
        self._deletion = Change()
        self._copying = Change()

    @property
    def deletion(self) -> Change:
        """What is asked about before it is deleted."""
        return self._deletion

    @property
    def copying(self) -> Change:
        """What a copy is asked for of."""
        return self._copying

    def ask_delete(self, host: str, model: str) -> None:
        """Ask whether to delete a model, and work out what that frees."""
        if self._deletion.busy:
            return
        asked = Change(host, model)
        self._put_deletion(asked)
        # Not knowing what it frees is no reason not to delete it.
        unknown = DeletionSpace(None)
        self._scope.attempt(
            lambda: self._find_space(asked), lambda _error: self._put_space(asked, unknown), "space"
        )

    def keep(self) -> None:
        """Do not delete it."""
        if not self._deletion.busy:
            self._put_deletion(Change())

    def delete(self) -> None:
        """Delete what was asked about."""
        asked = self._deletion
        if not asked.model or asked.busy:
            return
        self._put_deletion(replace(asked, busy=True, problem=""))
        self._scope.attempt(lambda: self._delete(asked), self._not_deleted, "delete")

    def ask_copy(self, host: str, model: str) -> None:
        """Ask for the name of a copy."""
        if not self._copying.busy:
            self._put_copying(Change(host, model))

    def forget_copy(self) -> None:
        """Make no copy."""
        if not self._copying.busy:
            self._put_copying(Change())

    def copy(self, name: str) -> None:
        """Copy what was asked about."""
        asked = self._copying
        if not asked.model or asked.busy:
            return
        if not name.strip():
            self._put_copying(replace(asked, problem=tr("Give the copy a name.")))
            return
        self._put_copying(replace(asked, busy=True, problem=""))
        self._scope.attempt(lambda: self._copy(asked, name.strip()), self._not_copied, "copy")

    async def close(self) -> None:
        """Stop what runs."""
        await self._scope.close()

    async def _find_space(self, asked: Change) -> None:
        self._put_space(asked, await self._ollama.deletion_space(asked.host, asked.model))

    def _put_space(self, asked: Change, space: DeletionSpace) -> None:
        now = self._deletion
        if (now.host, now.model) == (asked.host, asked.model):
            self._put_deletion(replace(now, space=space))

    async def _delete(self, asked: Change) -> None:
        freed = await self._ollama.delete(asked.host, asked.model)
        self._put_deletion(Change())
        self.deleted.emit(f"{asked.host}:{asked.model}", freed)

    def _not_deleted(self, error: AIProxyError) -> None:
        self._put_deletion(replace(self._deletion, busy=False, problem=sentence(error)))

    async def _copy(self, asked: Change, name: str) -> None:
        await self._ollama.copy(asked.host, asked.model, name)
        self._put_copying(Change())
        tagged = name if ":" in name.rpartition("/")[2] else f"{name}:latest"
        self.copied.emit(f"{asked.host}:{tagged}")

    def _not_copied(self, error: AIProxyError) -> None:
        self._put_copying(replace(self._copying, busy=False, problem=sentence(error)))

    def _put_deletion(self, state: Change) -> None:
        if state != self._deletion:
            self._deletion = state
            self.deletion_changed.emit()

    def _put_copying(self, state: Change) -> None:
        if state != self._copying:
            self._copying = state
            self.copying_changed.emit()
