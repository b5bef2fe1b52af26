"""Models in files on this machine: listed, looked at, added, run as the person likes, taken off the list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import msgspec

from aiproxy_desktop.core.errors import AIProxyError, LocalModelError
from aiproxy_desktop.core.providers.builtin.local_models import clean, default_model
from aiproxy_desktop.core.providers.builtin.model_parts import parts_of
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.local_files import (
    LocalFile,
    Memory,
    inspected,
    is_own,
    listed,
    memory_now,
    models_in,
)
from aiproxy_desktop.services.providers import ProviderService
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.model_settings import ModelFileOptions
from aiproxy_desktop.storage.settings import Settings
from aiproxy_desktop.system import private_memory

__all__ = ["Added", "LocalFile", "LocalModelService", "Memory", "Undo"]

Undo: TypeAlias = Callable[[], Awaitable[None]]

_LEAST_CONTEXT, _MOST_CONTEXT = 256, 16_777_216
_MOST_THREADS = 256

# Windows lets go of a file only once the process that had it open is gone.
_TRIES = 20
_WAIT = 0.1


@dataclass(frozen=True, slots=True)
class Added:
    """What became of files that were given: the new ones, names of known ones, and why not the others."""

    files: tuple[LocalFile, ...] = ()
    already: tuple[str, ...] = ()
    refused: tuple[AIProxyError, ...] = ()


class LocalModelService:
    """The built-in models. Holds nothing itself: the settings say what there is."""

    def __init__(
        self,
        settings: SettingsService,
        providers: ProviderService,
        registry: Registry,
        models_folder: Path,
        memory: Callable[[], Memory] = memory_now,
    ) -> None:
        """Wire up; nothing is read yet.

        Args:
            settings: files and options are kept there.
            providers: told of every change.
            registry: where the provider of the built-in models is.
            models_folder: where downloads go; only files below it may be deleted here.
            memory: what this machine has; called on a thread.
        """
        self._settings = settings
        self._providers = providers
        self._registry = registry
        self._folder = models_folder
        self._memory = memory

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call after every change of what `files` would say; the answer unsubscribes."""
        former = _relevant(self._settings.current)

        def look(settings: Settings) -> None:
            nonlocal former
            now = _relevant(settings)
            if now != former:
                former = now
                callback()

        return self._settings.subscribe(look)

    async def files(self) -> tuple[LocalFile, ...]:
        """Every built-in model, the bundled one first; those that cannot be used say why."""
        files, options = _relevant(self._settings.current)
        memory = self._memory_for_models()
        return await on_thread(lambda: listed(files, options, self._folder, memory()), "models")

    async def inspect(self, path: str) -> LocalFile:
        """What a file is and whether it would fit, before it is added.

        Raises:
            LocalModelError: it is not a model that can run here.
        """
        memory = self._memory_for_models()
        return await on_thread(lambda: inspected(path, self._folder, memory()), "models")

    async def add(self, path: str) -> LocalFile:
        """Offer a file as a built-in model.

        Raises:
            LocalModelError: it is not a model that can run here, or it is here already.
            StorageError: it holds for this run, but could not be written.
        """
        outcome = await self.add_many([path])
        if outcome.refused:
            raise outcome.refused[0]
        if outcome.already:
            raise LocalModelError(f"{outcome.already[0]} is already here")
        return outcome.files[0]

    async def offer(self, path: str) -> None:
        """The same for a file that may be here already, which is as well.

        Raises:
            LocalModelError: it is not a model that can run here.
            StorageError: it holds for this run, but could not be written.
        """
        outcome = await self.add_many([path])
        if outcome.refused:
            raise outcome.refused[0]

    async def add_many(self, paths: Iterable[str]) -> Added:
        """Offer files, and what is in folders, as built-in models; one that is refused stops no other.

        Raises:
            StorageError: they hold for this run, but could not be written.
        """
        wanted = tuple(paths)
        known = self._settings.current.model_files
        memory = self._memory_for_models()
        added = await on_thread(lambda: _looked_at(wanted, known, self._folder, memory()), "models")
        # Others may have been added meanwhile.
        files = dict.fromkeys((*self._settings.current.model_files, *(one.path for one in added.files)))
        if added.files:
            await self._providers.set_model_files(tuple(files))
        return added

    async def remove(self, path: str) -> Undo:
        """Take a file off the list; the file itself stays.

        Returns:
            what puts it back where it was, with its options.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        files, options = _relevant(self._settings.current)
        place = files.index(path) if path in files else len(files)
        kept = tuple(one for one in options if one.path == path)

        async def undo() -> None:
            files, options = _relevant(self._settings.current)
            if path not in files:
                back = (*files[:place], path, *files[place:])
                await self._providers.set_model_files(back, (*_without(options, path), *kept))

        await self._providers.set_model_files(
            tuple(one for one in files if one != path), _without(options, path)
        )
        return undo

    async def delete_file(self, path: str) -> int:
        """Take a file that the application downloaded off the list, and delete it.

        Returns:
            the bytes that are free again.

        Raises:
            LocalModelError: the application did not put it there.
            StorageError: it cannot be deleted, and is on the list again.
        """
        if not await on_thread(lambda: is_own(path, self._folder), "models"):
            raise LocalModelError(
                f"{clean(Path(path).name)} was not downloaded by this application",
                "Take it off the list, and delete it where it lies.",
            )
        undo = await self.remove(path)
        try:
            return await on_thread(lambda: _delete(Path(path)), "models")
        except StorageError:
            await undo()
            raise

    async def locate(self, path: str, new_path: str) -> LocalFile:
        """Say where a file that was moved is now; its options stay.

        Raises:
            LocalModelError: there is no model that can run here; nothing was changed.
            StorageError: it holds for this run, but could not be written.
        """
        found = await self.inspect(new_path)
        files, options = _relevant(self._settings.current)
        moved = (found.path if one == path else one for one in files)
        kept = tuple(
            msgspec.structs.replace(one, path=found.path) if one.path == path else one for one in options
        )
        await self._providers.set_model_files(tuple(dict.fromkeys(moved)), kept)
        return found

    async def set_options(self, path: str, context: int | None, threads: int | None) -> None:
        """Run a model so from its next request on; answers under way go on.

        Args:
            path: of its file; empty for the bundled one.
            context: in tokens; None for automatic. No more is used than it was trained for.
            threads: that compute; None for automatic. No more are used than the machine has cores.

        Raises:
            StorageError: it holds for this run, but could not be written.
        """
        if context is not None:
            context = min(max(context, _LEAST_CONTEXT), _MOST_CONTEXT)
        if threads is not None:
            threads = min(max(threads, 1), _MOST_THREADS)
        files, options = _relevant(self._settings.current)
        changed = _without(options, path)
        if context is not None or threads is not None:
            changed = (*changed, ModelFileOptions(path=path, context=context, threads=threads))
        await self._providers.set_model_files(files, changed)

    def _memory_for_models(self) -> Callable[[], Memory]:
        """What finds out, on a thread, how much memory there is.

        What models in use hold counts as free: they leave when another is loaded.
        """
        from aiproxy_desktop.core.providers.builtin.provider import BuiltinProvider

        provider = self._registry.get("builtin")
        pids = provider.pids if isinstance(provider, BuiltinProvider) else ()

        def memory() -> Memory:
            now = self._memory()
            if now.available is None:
                return now
            held = sum(map(private_memory, pids))
            return now._replace(available=min(now.available + held, now.total or now.available + held))

        return memory


def _relevant(settings: Settings) -> tuple[tuple[str, ...], tuple[ModelFileOptions, ...]]:
    return settings.model_files, settings.model_options


def _without(options: Sequence[ModelFileOptions], path: str) -> tuple[ModelFileOptions, ...]:
    return tuple(one for one in options if one.path != path)


def _looked_at(wanted: Sequence[str], known: Sequence[str], folder: Path, memory: Memory) -> Added:
    """Runs on a thread."""
    bundled = default_model()
    here = {_real(path) for path in known} | ({_real(bundled.path)} if bundled else set())
    files: list[LocalFile] = []
    already: list[str] = []
    refused: list[AIProxyError] = []
    for path in _expanded(wanted, refused):
        if _real(str(path)) in here:
            already.append(clean(path.name))
            continue
        try:
            files.append(inspected(str(path), folder, memory))
        except AIProxyError as error:
            refused.append(error)
        else:
            here.add(_real(str(path)))
    return Added(tuple(files), tuple(already), tuple(refused))


def _expanded(wanted: Sequence[str], refused: list[AIProxyError]) -> Iterator[Path]:
    for given in wanted:
        try:
            yield from models_in(Path(given))
        except AIProxyError as error:
            refused.append(error)


def _real(path: str) -> str:
    try:
        return str(Path(path).expanduser().resolve())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: links in a circle
        return path


def _delete(path: Path) -> int:
    """Runs on a thread: delete a model's file, or all its parts.

    Raises:
        StorageError: one cannot be deleted.
    """
    import time

    freed = 0
    try:
        # The first part last: without it the others would be no model any more.
        for part in reversed(parts_of(path).present):
            size = part.stat().st_size
            for attempt in range(_TRIES):
                try:
                    part.unlink()
                    break
                except PermissionError:
                    if attempt == _TRIES - 1:
                        raise
                    time.sleep(_WAIT)
            freed += size
    except FileNotFoundError:
        return freed
    except OSError as error:
        raise StorageError(
            f"{clean(path.name)} cannot be deleted ({error.strerror})",
            "Try again, or delete it where it lies.",
        ) from error
    return freed
