"""What is attached to drafts and not sent yet, in each place: taken in, shown, taken out again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from PySide6.QtCore import QObject, Signal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.services.attaching import Attacher, Taken, by_folder
from aiproxy_desktop.services.task_scope import TaskScope, cancel_once
from aiproxy_desktop.storage.records import Attachment
from aiproxy_desktop.ui.chat.models.choice import ModelChoice
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.attachments.advice import Advice

# Chips of one draft. A folder is one.
MAX_ITEMS = 50

# Files read and images decoded at the same time.
_AT_ONCE = 3

ItemState: TypeAlias = Literal["loading", "ready", "failed"]
# A conversation's id; None is where a new one begins.
Place: TypeAlias = str | None


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One chip: a file or a folder on its way in, taken in, or refused with a sentence.

    `key` is unique in one run; `done` is from 0 to 1 while it loads.
    """

    key: int
    name: str
    state: ItemState = "loading"
    taken: Taken | None = None
    sentence: str = ""
    done: float = 0.0


class Attaching(QObject):
    """The attachments of drafts. Every action returns at once; what came of it is told by `changed`."""

    changed = Signal()  # what is attached somewhere, or how far it is
    advice_changed = Signal()  # that, or what is to be said about it
    refused = Signal(str)  # one sentence, or none any more

    def __init__(
        self,
        attacher: Attacher,
        models: ModelChoice,
        scope: TaskScope,
        compared: Callable[[], Sequence[str]] = tuple,
        parent: QObject | None = None,
    ) -> None:
        """Wire it up.

        Args:
            attacher: reads and keeps files.
            models: the model that answers next.
            scope: owns the tasks.
            compared: references of the models that are asked side by side instead of that one, if any.
            parent: of the QObject.
        """
        super().__init__(parent)
        self._compared = compared
        self._attacher = attacher
        self._models = models
        self._scope = scope
        self._places: dict[Place, list[DraftItem]] = {}
        self._place: Place = None
        self._tasks: dict[int, asyncio.Task[Any]] = {}
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._last_key = 0
        self._advised: tuple[object, ...] | None = None
        self._advice: Advice | None = None
        self.changed.connect(self.advice_changed)
        models.changed.connect(self.advice_changed)

    # What is shown

    @property
    def items(self) -> tuple[DraftItem, ...]:
        """The chips of the place on the page."""
        return tuple(self._places.get(self._place, ()))

    @property
    def provider(self) -> str:
        """Id of the provider that is asked next, by whose rules tokens are told."""
        info, choice = self._models.info, self._models.choice
        return info.maker if info is not None else "" if choice is None else choice.provider

    @property
    def advice(self) -> Advice | None:
        """What the model that answers next, or one of those compared, cannot take, here."""
        attachments = self.attachments_of(self._place)
        if not attachments:
            return None
        # Looking through a thousand models takes milliseconds, and this is asked at every change.
        choice, states, compared = self._models.choice, self._models.states, tuple(self._compared())
        asked = (choice, states, attachments, compared)
        if asked != self._advised:
            from aiproxy_desktop.ui.chat.attachments.advice import advise, advise_all

            self._advised = asked
            self._advice = (
                advise_all(compared, states, attachments) if compared else advise(choice, states, attachments)
            )
        return self._advice

    @property
    def sendable(self) -> bool:
        """Whether all that is attached here is taken in, and not known to be refused."""
        advice = self.advice
        return not self.loading(self._place) and (advice is None or not advice.blocks)

    @property
    def places(self) -> tuple[Place, ...]:
        """Where something is or was attached."""
        return tuple(self._places)

    def loading(self, place: Place) -> bool:
        """Whether something is still on its way in."""
        return any(item.state == "loading" for item in self._places.get(place, ()))

    def attachments_of(self, place: Place) -> tuple[Attachment, ...]:
        """All that is taken in, in order."""
        return tuple(
            one for item in self._places.get(place, ()) if item.taken for one in item.taken.attachments
        )

    async def bytes_of(self, attachment: Attachment) -> bytes:
        """What is kept of it.

        Raises:
            StorageError: it is not there any more.
        """
        return await self._attacher.blobs.read(attachment.hash)

    # What can be done

    def set_place(self, place: Place) -> None:
        """Another conversation is on the page."""
        if place != self._place:
            self._place = place
            self.changed.emit()

    def move(self, old: Place, new: Place) -> None:
        """What was attached to a new conversation belongs to it now that it has an id."""
        items = self._places.pop(old, [])
        if items:
            self._places.setdefault(new, []).extend(items)
            self.changed.emit()

    def restore(self, place: Place, attachments: Sequence[Attachment]) -> None:
        """Show what a draft held before the application was closed. Files of a folder become one chip."""
        self._places[place] = [
            DraftItem(self._next_key(), one.name, "ready", one) for one in by_folder(attachments)
        ]
        self.changed.emit()

    def add_paths(self, paths: Iterable[Path]) -> None:
        """Take in files and folders."""
        for path in paths:
            if not self._add(path.name or str(path), partial(self._take_path, path)):
                return

    def add_bytes(self, data: bytes, name: str) -> None:
        """Take in what came without a file."""
        self._add(name, lambda _key: self._attacher.from_bytes(data, name))

    def add_made(self, make: Callable[[], Awaitable[bytes]], name: str) -> None:
        """Take in what has to be made first, such as a file of a picture from the clipboard."""

        async def work(_key: int) -> Taken:
            return await self._attacher.from_bytes(await make(), name)

        self._add(name, work)

    def remove(self, key: int) -> None:
        """Take one chip away; what is on its way in is given up."""
        task = self._tasks.get(key)
        if task is not None:
            cancel_once(task)
        item = self._item(key)
        here = item in self.items
        for items in self._places.values():
            items[:] = [item for item in items if item.key != key]
        if here and item is not None and item.state == "failed":
            self.refused.emit(_refusal(self.items))  # what was said of it needs no answer any more
        self.changed.emit()

    def clear(self) -> None:
        """Take all chips of this place away."""
        for item in self.items:
            self.remove(item.key)

    def use_model(self, reference: str) -> None:
        """Answer here with this model."""
        self._models.pick(reference)

    async def check(self, place: Place) -> tuple[Attachment, ...]:
        """What can be sent from here, after looking whether its bytes are still kept.

        Raises:
            AIProxyError: some are gone. Their chips say so, and nothing is lost of the others.
        """
        attachments = self.attachments_of(place)
        missing = await self._attacher.missing(attachments)
        if not missing:
            return attachments
        sentence = tr("“{name}” is no longer kept here. Attach it again.", name=missing[0].name)
        for item in self._places.get(place, ()):
            if item.taken and set(item.taken.attachments) & set(missing):
                self._put(replace(item, state="failed", taken=None, sentence=sentence))
        raise AIProxyError(sentence.rstrip("."))

    def take(self, place: Place, sent: Iterable[Attachment]) -> None:
        """These were sent: their chips go, and those of what was refused; others came meanwhile and stay."""
        gone = set(sent)
        items = self._places.get(place, [])
        kept = [
            item
            for item in items
            if item.state == "loading" or (item.taken and not set(item.taken.attachments) <= gone)
        ]
        if len(kept) != len(items):
            items[:] = kept
            self.changed.emit()

    # Doing it

    def _next_key(self) -> int:
        self._last_key += 1
        return self._last_key

    def _add(self, name: str, work: Callable[[int], Awaitable[Taken]]) -> bool:
        items = self._places.setdefault(self._place, [])
        if len(items) >= MAX_ITEMS:
            self.refused.emit(tr("At most {n} files can go with one message.", n=MAX_ITEMS))
            return False
        key = self._next_key()
        items.append(DraftItem(key, name))
        self._tasks[key] = self._scope.start(self._load(key, work), "attach")
        self._tasks[key].add_done_callback(lambda _task: self._tasks.pop(key, None))
        self.changed.emit()
        return True

    async def _take_path(self, path: Path, key: int) -> Taken:
        return await self._attacher.from_path(path, lambda done: self._progress(key, done))

    async def _load(self, key: int, work: Callable[[int], Awaitable[Taken]]) -> None:
        try:
            async with self._gate:
                taken = await work(key)
        except AIProxyError as error:
            self._fail(key, str(error))
        except Exception:
            self._fail(key, tr("It could not be read."))
            raise
        else:
            self._finish(key, taken)

    def _finish(self, key: int, taken: Taken) -> None:
        item = self._item(key)
        if item is None:
            return
        twins = [other for other in self._places_of(key) if other.taken and other.key != key]
        if any(other.taken and other.taken.attachments == taken.attachments for other in twins):
            self.remove(key)  # it is attached already
            return
        self._put(replace(item, state="ready", taken=taken, name=taken.name))

    def _fail(self, key: int, sentence: str) -> None:
        item = self._item(key)
        if item is not None:
            self._put(replace(item, state="failed", sentence=sentence))
            if any(here.key == key for here in self.items):  # elsewhere its chip says it
                self.refused.emit(_refusal(self.items))

    def _progress(self, key: int, done: float) -> None:
        item = self._item(key)
        if item is not None:
            self._put(replace(item, done=done))

    def _item(self, key: int) -> DraftItem | None:
        return next((item for item in self._places_of(key) if item.key == key), None)

    def _places_of(self, key: int) -> list[DraftItem]:
        for items in self._places.values():
            if any(item.key == key for item in items):
                return items
        return []

    def _put(self, changed: DraftItem) -> None:
        items = self._places_of(changed.key)
        items[:] = [changed if item.key == changed.key else item for item in items]
        self.changed.emit()


def _refusal(items: Iterable[DraftItem]) -> str:
    """What is said of the files that were refused: why, or how many there are, each with its own reason."""
    failed = [item.sentence for item in items if item.state == "failed"]
    if len(failed) > 1:
        return tr("{n} files cannot be attached: each says why.", n=len(failed))
    return "".join(failed)
