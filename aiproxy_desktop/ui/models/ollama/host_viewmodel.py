"""Adding, changing, testing and removing Ollama servers. QtCore only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError, InvalidEndpointError
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.task_scope import TaskScope
from aiproxy_desktop.ui.models.ollama.words import sentence
from aiproxy_desktop.ui.translation import tr, tr_count


@dataclass(frozen=True, slots=True)
class HostEdit:
    """The form as it stands. `target` is the id of the server that is changed, empty for a new one."""

    target: str = ""
    name: str = ""
    host: str = ""
    busy: bool = False
    host_problem: str = ""
    note: str = ""
    tone: Literal["muted", "success", "danger"] = "muted"


class HostViewModel(QObject):
    """What the form shows and does."""

    changed = Signal()  # `state`
    saved = Signal(str)  # id of the server that was added or changed
    removed = Signal(str)  # id

    def __init__(
        self,
        ollama: OllamaService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ollama = ollama
        self._scope = TaskScope("ollama hosts", on_unexpected)
        self._state = HostEdit()

    @property
    def state(self) -> HostEdit:
        """The form."""
        return self._state

    def edit(self, provider_id: str = "") -> None:
        """Fill the form with a server, or empty it for a new one."""
        kept = self._ollama.kept(provider_id)
        self._put(HostEdit() if kept is None else HostEdit(kept.id, kept.name, kept.host))

    def test(self, host: str) -> None:
        """Ask whoever is at an address, without keeping it."""
        if not self._begin(tr("Testing…")):
            return
        self._scope.attempt(lambda: self._test(host), self._failed, "test")

    def save(self, name: str, host: str) -> None:
        """Add the server or change it."""
        if not self._begin(tr("Saving…")):
            return
        self._scope.attempt(lambda: self._save(name, host), self._failed, "save")

    def remove(self, provider_id: str) -> None:
        """Have a server no more; its models stay where they are."""
        self._scope.attempt(lambda: self._remove(provider_id), self._failed, "remove")

    async def close(self) -> None:
        """Stop what runs."""
        await self._scope.close()

    async def _test(self, host: str) -> None:
        if not host.strip():
            raise InvalidEndpointError(tr("There is no address"), tr("Write one, as in 192.168.1.20."))
        check = await self._ollama.test_host(host)
        if not check.ok:
            said = f"{check.sentence}. {check.advice}".removesuffix(". ")
            self._put(replace(self._state, busy=False, note=said, tone="danger"))
            return
        found = tr_count("It answers, with {n} model.", "It answers, with {n} models.", len(check.models))
        self._put(replace(self._state, busy=False, note=found, tone="success"))

    async def _save(self, name: str, host: str) -> None:
        target = self._state.target
        if target:
            await self._ollama.update_host(target, name, host)
        else:
            target = (await self._ollama.add_host(name, host)).id
        self._put(HostEdit())
        self.saved.emit(target)

    async def _remove(self, provider_id: str) -> None:
        await self._ollama.remove_host(provider_id)
        self.removed.emit(provider_id)

    def _begin(self, note: str) -> bool:
        if self._state.busy:
            return False
        self._put(replace(self._state, busy=True, host_problem="", note=note, tone="muted"))
        return True

    def _failed(self, error: AIProxyError) -> None:
        said = sentence(error)
        if isinstance(error, InvalidEndpointError):
            self._put(replace(self._state, busy=False, host_problem=said, note=""))
        else:
            self._put(replace(self._state, busy=False, note=said, tone="danger"))

    def _put(self, state: HostEdit) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()
