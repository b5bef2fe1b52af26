"""Making a model from a Modelfile: one at a time, with its progress. QtCore only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.ollama import OllamaService
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.ui.models.ollama.words import sentence, step_words
from aiproxy_desktop.ui.translation import tr

_MOST_BYTES = 1_000_000  # of a Modelfile, licence included


@dataclass(frozen=True, slots=True)
class Creation:
    """How far it is. `fraction` None is unknown; `made` is the reference of the model once it is there."""

    busy: bool = False
    step: str = ""
    fraction: float | None = None
    problem: str = ""
    made: str = ""


class CreateViewModel(QObject):
    """What the panel shows and does."""

    changed = Signal()  # `state`
    opened = Signal(str)  # the text of a file that was opened
    refused = Signal(str)  # why it could not be opened
    created = Signal(str)  # reference of the new model

    def __init__(
        self,
        ollama: OllamaService,
        on_unexpected: Callable[[Exception], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._ollama = ollama
        self._scope = TaskScope("create model", on_unexpected)
        self._state = Creation()
        self._task: asyncio.Task[None] | None = None
        # People write a model, try it, and write it better: their own of this run may be replaced.
        self._made_here: set[str] = set()
        self.folder: Path | None = None  # from where relative paths count

    @property
    def state(self) -> Creation:
        """How far it is."""
        return self._state

    def hosts(self) -> list[tuple[str, str]]:
        """Id and label of every server, those that answer first."""
        hosts = sorted(self._ollama.hosts(), key=lambda state: state.status != "ready")
        return [(state.id, state.label) for state in hosts]

    def open_file(self, path: Path) -> None:
        """Take the text of a Modelfile; a model file becomes the line that names it."""
        if path.suffix.lower() == ".gguf":
            self.folder = path.parent
            self.opened.emit(f"FROM {path}\n")
            return
        self._scope.attempt(
            lambda: self._open(path), lambda error: self.refused.emit(sentence(error)), "open"
        )

    def create(self, host: str, name: str, modelfile: str) -> None:
        """Begin; another one is not begun before this one ended."""
        if self._state.busy:
            return
        if not name.strip():
            self._put(Creation(problem=tr("The model has no name. Give it one, as in my-llama.")))
            return
        self._put(Creation(busy=True, step=tr("Beginning")))
        self._task = self._scope.attempt(
            lambda: self._create(host, name.strip(), modelfile),
            lambda error: self._put(Creation(problem=sentence(error))),
            "create",
        )
        self._task.add_done_callback(self._ended)

    def cancel(self) -> None:
        """Stop what is under way; what the server has of the files stays there."""
        if self._task is not None:
            cancel_once(self._task)

    def forget(self) -> None:
        """Begin anew, after a success or a failure."""
        if not self._state.busy:
            self._put(Creation())

    async def close(self) -> None:
        """Stop."""
        await self._scope.close()

    async def _open(self, path: Path) -> None:
        text = await on_thread(lambda: _read(path), "modelfile")
        self.folder = path.parent
        self.opened.emit(text)

    async def _create(self, host: str, name: str, modelfile: str) -> None:
        reference = f"{host}:{name if ':' in name.rpartition('/')[2] else f'{name}:latest'}"
        making = self._ollama.create(
            host, name, modelfile, self.folder, replaces=reference in self._made_here
        )
        async with aclosing(making) as steps:
            async for step in steps:
                known = step.total and step.completed is not None
                fraction = (step.completed or 0) / step.total if known and step.total else None
                self._put(replace(self._state, step=step_words(step), fraction=fraction))
        self._made_here.add(reference)
        self._put(Creation(step=tr("{name} is there.", name=name), made=reference))
        self.created.emit(reference)

    def _ended(self, task: asyncio.Task[None]) -> None:
        if self._task is task:
            self._task = None
        if self._state.busy:  # cancelled, or an error that nobody planned for
            self._put(Creation(step=tr("Stopped. Nothing was made.")))

    def _put(self, state: Creation) -> None:
        if state != self._state:
            self._state = state
            self.changed.emit()


def _read(path: Path) -> str:
    """A Modelfile's text.

    Raises:
        AIProxyError: it cannot be read, or is none.
    """
    shown = path.name[:80]
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or tr("Check its path")
        raise AIProxyError(tr("{file} cannot be read", file=shown), f"{reason}.") from None
    if len(data) > _MOST_BYTES or b"\0" in data:
        advice = tr("Choose a text file, or a model file (GGUF).")
        raise AIProxyError(tr("{file} is not a Modelfile", file=shown), advice)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        advice = tr("Save it as UTF-8 and open it again.")
        raise AIProxyError(tr("{file} is not text in UTF-8", file=shown), advice) from None
