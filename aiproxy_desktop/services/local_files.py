"""The built-in models as values: what each file is, how it is run, and whether it fits into memory. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from aiproxy_desktop.core.errors import AIProxyError, LocalModelError
from aiproxy_desktop.core.providers.builtin.local_models import (
    LocalModel,
    clean,
    default_model,
    local_model,
    with_own_ids,
)
from aiproxy_desktop.core.providers.builtin.memory import Fit, ModelShape, fit, largest_context
from aiproxy_desktop.core.providers.builtin.model_parts import part_number, parts_of
from aiproxy_desktop.core.providers.builtin.requests import context_of
from aiproxy_desktop.core.providers.builtin.whole_file import check_whole
from aiproxy_desktop.storage.model_settings import ModelFileOptions
from aiproxy_desktop.system import memory_available, memory_total

_LEAST_CONTEXT = 2048
# Offered for a model that does not say what it was trained for.
_USUAL_CONTEXT = 32_768

# How far into folders that are given for the models in them.
_MOST_FOLDERS = 200
_MOST_FILES = 500


class Memory(NamedTuple):
    """Bytes; None where that is not known."""

    available: int | None
    total: int | None


@dataclass(frozen=True, slots=True)
class LocalFile:
    """One built-in model.

    `path` is as in the settings, empty for the model that ships with the application. `trained` and `context`
    are in tokens: what it was trained for (None: unknown), and what it is run with. `chosen_context` and
    `threads` are what the person chose, None for automatic. `problem` says in one sentence why it cannot be
    used, and is empty where it can; `missing` where the file is gone. `deletable`: the application put the
    file there, and may take it away.
    """

    path: str
    id: str
    name: str
    size: int
    memory: Memory
    trained: int | None = None
    context: int = 0
    chosen_context: int | None = None
    threads: int | None = None
    quantization: str = ""
    parameters: str = ""
    license: str = ""
    shape: ModelShape | None = None
    problem: str = ""
    missing: bool = False
    deletable: bool = False

    @property
    def bundled(self) -> bool:
        """Whether it ships with the application."""
        return not self.path

    @property
    def fit(self) -> Fit:
        """Whether it fits into memory as it is run."""
        return self.fit_at(self.context)

    def fit_at(self, context: int) -> Fit:
        """Whether it fits with a context of so many tokens."""
        return fit(self.size, self.shape, context, *self.memory)

    @property
    def contexts(self) -> tuple[int, ...]:
        """The contexts (in tokens) to choose from, the smallest first; what holds now is among them."""
        most = self.trained or max(_USUAL_CONTEXT, self.context)
        steps = {most, self.context, min(_LEAST_CONTEXT, most)}
        step = _LEAST_CONTEXT
        while step < most:
            steps.add(step)
            step *= 2
        return tuple(sorted(one for one in steps if 0 < one <= most))

    @property
    def comfortable_context(self) -> int | None:
        """The largest of these that fits now; None where none does or that is not known."""
        return largest_context(self.size, self.shape, self.contexts, *self.memory)


def memory_now() -> Memory:
    """What this machine has. Reads the disk on some systems: call it on a thread."""
    return Memory(memory_available(), memory_total())


def listed(
    files: Sequence[str], options: Sequence[ModelFileOptions], own_folder: Path, memory: Memory
) -> tuple[LocalFile, ...]:
    """Every built-in model, the bundled one first. Reads the disk: call it on a thread.

    Args:
        files: paths of what the person added.
        options: how they are run.
        own_folder: where the application puts files that it downloads.
        memory: of this machine.
    """
    found: dict[str, LocalModel | LocalFile] = {}
    bundled = default_model()
    if bundled is not None:
        found[""] = bundled
    for path in dict.fromkeys(files):
        try:
            found[path] = local_model(Path(path))
        except AIProxyError as error:
            found[path] = _broken(path, error, memory)
    chosen = {one.path: one for one in options}
    models = with_own_ids([model for model in found.values() if isinstance(model, LocalModel)])
    return tuple(
        one if isinstance(one, LocalFile) else _file(path, next(models), chosen.get(path), own_folder, memory)
        for path, one in found.items()
    )


def inspected(path: str, own_folder: Path, memory: Memory) -> LocalFile:
    """A file as it would be listed, looked at more closely. Reads the disk: call it on a thread.

    Raises:
        LocalModelError: it is not a model that can run here.
    """
    model = local_model(Path(path))
    try:
        for part in parts_of(Path(model.path)).present:
            check_whole(part, clean(part.name))
    except OSError as error:
        raise LocalModelError(
            f"{clean(Path(path).name)} cannot be read ({error.strerror})", "Pick another."
        ) from error
    return _file(model.path, model, None, own_folder, memory)


def models_in(path: Path) -> list[Path]:
    """The path itself, or for a folder the models in it and below; of a model in parts the first one.

    Reads the disk: call it on a thread.

    Raises:
        LocalModelError: it is a folder without any.
    """
    if not path.is_dir():
        return [path]
    found = [file for file in _files_below(path) if file.suffix.lower() == ".gguf" and part_number(file) == 1]
    if not found:
        raise LocalModelError(
            f"There is no GGUF file in {clean(path.name)}", "Only GGUF files can be run here; pick another."
        )
    return sorted(found)[:_MOST_FILES]


def is_own(path: str, own_folder: Path) -> bool:
    """Whether a file lies in the application's own folder of models, really and not by a link."""
    if not path:
        return False
    try:
        return Path(path).resolve().is_relative_to(own_folder.resolve())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
        return False


def _files_below(folder: Path) -> Iterator[Path]:
    waiting, seen = [folder], 0
    while waiting and seen < _MOST_FOLDERS:
        seen += 1
        try:
            entries = sorted(waiting.pop().iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.is_dir() and not entry.is_symlink():
                waiting.append(entry)
            elif entry.is_file():
                yield entry


def _file(
    path: str, model: LocalModel, chosen: ModelFileOptions | None, own_folder: Path, memory: Memory
) -> LocalFile:
    context, threads = (None, None) if chosen is None else (chosen.context, chosen.threads)
    return LocalFile(
        path,
        model.id,
        model.display_name,
        model.size_bytes,
        memory,
        trained=model.context_window,
        context=context_of(replace(model, context=context)),
        chosen_context=context,
        threads=threads,
        quantization=model.quantization,
        parameters=model.parameters,
        license=model.license,
        shape=model.shape,
        deletable=is_own(path, own_folder),
    )


def _broken(path: str, error: AIProxyError, memory: Memory) -> LocalFile:
    try:
        missing = not Path(path).exists()
    except (OSError, ValueError):
        missing = False
    name = clean(Path(path).stem)
    return LocalFile(path, name, name, 0, memory, problem=str(error), missing=missing)
