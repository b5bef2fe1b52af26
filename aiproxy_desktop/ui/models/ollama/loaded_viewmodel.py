"""What is loaded on an Ollama server, asked again and again while someone looks. QtCore only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.administration import RunningModel
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.ui.models.ollama.words import sentence

_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a server said last. `asked` is False before its first answer.

    `problem` is a sentence where it cannot be asked, `refused` one where it did not unload a model; or empty.
    """

    host: str = ""
    asked: bool = False
    models: tuple[RunningModel, ...] = ()
    unloading: frozenset[str] = frozenset()
    problem: str = ""
    refused: str = ""


class LoadedViewModel(QObject):
    """Follows one server at a time."""

    changed = Signal()

    def __init__(
        self,
        ollama: OllamaService,
        on_unexpected: Callable[[Exception], None],
        *,
        seconds: float = _SECONDS,
        parent: QObject | None = None,
    ) -> None:
        """Follow nobody yet; ask every so many seconds later."""
        super().__init__(parent)
        self._ollama = ollama
        self._seconds = seconds
        self._scope = TaskScope("loaded models", on_unexpected)
        self._state = Loaded()
        self._task: asyncio.Task[None] | None = None

    @property
    def state(self) -> Loaded:
        """What is known."""
        return self._state

    def follow(self, host: str) -> None:
        """Ask this server from now on, and no other; an empty id is none."""
        if self._task is not None:
            cancel_once(self._task)
            self._task = None
        if host != self._state.host:
            self._put(Loaded(host))
        if host and not self._scope.closed:
            self._task = self._scope.start(self._ask_on(host), "ask")

    def unload(self, model: str) -> None:
        """Take a model out of memory."""
        host = self._state.host
        if not host or model in self._state.unloading:
            return
        self._put(replace(self._state, unloading=self._state.unloading | {model}, refused=""))
        self._scope.attempt(
            lambda: self._unload(host, model), lambda error: self._failed(host, model, error), "unload"
        )

    async def close(self) -> None:
        """Ask nobody any more."""
        self._task = None
        await self._scope.close()

    async def _ask_on(self, host: str) -> None:
        while True:
            await self._ask(host)
            await asyncio.sleep(self._seconds)

    async def _ask(self, host: str) -> None:
        try:
            models = await self._ollama.running(host)
        except AIProxyError as error:
            state = replace(self._state, models=(), problem=sentence(error))
        else:
            there = {model.id for model in models}
            unloading = frozenset(self._state.unloading & there)
            state = replace(self._state, models=models, unloading=unloading, problem="")
        if self._state.host == host:
            self._put(replace(state, asked=True))

    async def _unload(self, host: str, model: str) -> None:
        await self._ollama.unload(host, model)
        await self._ask(host)
        if self._state.host == host:
            self._put(replace(self._state, unloading=self._state.unloading - {model}))

    def _failed(self, host: str, model: str, error: AIProxyError) -> None:
        if self._state.host == host:
            unloading = self._state.unloading - {model}
            self._put(replace(self._state, unloading=unloading, refused=sentence(error)))

    def _put(self, state: Loaded) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()
