"""What comes of one run, folded into its value and kept as it comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.images.values import ImageMade, ImagesFinished, ImageUsage
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.images.estimates import EarlierCosts
from aiproxy_desktop.services.images.library import ImageLibrary
from aiproxy_desktop.services.images.making import Call, FinishedImage, ReadyWork, finish
from aiproxy_desktop.services.images.masks import mask_file
from aiproxy_desktop.services.images.tasks import ImageTask, Run, RunState, Slot
from aiproxy_desktop.storage.image_bookkeeping import ImageBookkeeping
from aiproxy_desktop.storage.image_records import ImageParent, NewImage

# Runs a coroutine as a task whose errors reach somebody, by a name.
_Begin: TypeAlias = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[Any]"]


@dataclass(slots=True)
class _Request:
    """What is known of one request: the ids of its images, what they cost together, what was said."""

    ids: list[str] = field(default_factory=list)
    pending: int = 0
    any_came: bool = False
    end: ImagesFinished | None = None
    counted: bool = False
    words: str = ""


class RunFold:
    """One run as it goes on: hears what its requests bring (`making.Listener`), until its owner ends it."""

    def __init__(
        self,
        run: Run,
        changed: Callable[[Run], None],
        library: ImageLibrary,
        books: ImageBookkeeping,
        earlier: EarlierCosts,
        begin: _Begin,
    ) -> None:
        """Take up a run that has just begun.

        Args:
            run: its first value.
            changed: told each new one.
            library: where images go.
            books: where it is noted what they cost.
            earlier: what estimates go by.
            begin: runs what keeps an image, whatever becomes of the run.
        """
        self.run = run
        self.ready: ReadyWork | None = None
        self._changed = changed
        self._library = library
        self._books = books
        self._earlier = earlier
        self._begin = begin
        self._requests: dict[Call, _Request] = {}
        self._keeps: set[asyncio.Task[Any]] = set()
        self._unkept: set[int] = set()
        self._mask: asyncio.Future[bytes] | None = None

    # What the requests bring

    def previewed(self, index: int, data: bytes) -> None:
        """Show an unfinished image in its place."""
        slot = self._slot(index)
        if slot.image is None:
            self._put(replace(slot, preview=data))

    def came(self, call: Call, index: int, made: ImageMade) -> None:
        """Check an image and keep it, beside whatever else goes on."""
        self._slot(index)
        request = self._request(call)
        request.pending += 1
        request.any_came = True
        task = self._begin(self._keep(request, index, made), "keep")
        self._keeps.add(task)
        task.add_done_callback(self._keeps.discard)

    def said(self, call: Call, text: str) -> None:
        """Add to the model's words, which are a paragraph a request."""
        self._request(call).words += text
        requests = sorted(self._requests.items(), key=lambda item: item[0].first)
        self._change(words="\n\n".join(request.words for _, request in requests if request.words))

    def ended(self, call: Call, end: ImagesFinished) -> None:
        """Count what a request cost, and share it among its images once these are kept."""
        former = self.run
        request = self._request(call)
        first = not any(one.end is not None for one in self._requests.values())
        request.end = end
        self.note(tuple(end.notes.values()))
        self._change(
            # A sum with something unknown in it is unknown.
            cost=end.cost if first else _sum(former.cost, end.cost),
            usage=end.usage if first else _added(former.usage, end.usage),
        )
        self._share_later(request)

    def failed(self, call: Call, error: AIProxyError) -> None:
        """The first error of several tells what is wrong."""
        request = self._requests.get(call)
        if request is not None and request.any_came and request.end is None:
            self.ended(call, ImagesFinished())  # what it cost nobody says, and with it the whole
        self.fail(error)

    # What the owner says

    def fail(self, error: AIProxyError) -> None:
        """Images will be missing."""
        if self.run.error is None:
            self._change(error=error)

    def note(self, sentences: tuple[str, ...]) -> None:
        """Something to know that is no failure."""
        fresh = tuple(one for one in sentences if one not in self.run.notes)
        if fresh:
            self._change(notes=(*self.run.notes, *fresh))

    async def settled(self) -> None:
        """Wait until all that came is kept. A cancel meanwhile changes nothing: nothing else is under way."""
        while self._keeps:
            try:
                await asyncio.wait(set(self._keeps))
            except asyncio.CancelledError:
                continue

    def end(self, *, cancelled: bool) -> None:
        """It is over. What never came leaves no empty place; what could not be kept is seen as a preview."""
        state: RunState = "done"
        if cancelled:
            state = "cancelled"
        elif self.run.error is not None:
            state = "failed"
        slots = tuple(
            slot if slot.index in self._unkept else replace(slot, preview=None) for slot in self.run.slots
        )
        if state == "done":
            slots = tuple(slot for slot in slots if slot.image is not None)
        task = replace(self.run.task, mask=None)  # megabytes; it is kept with the images
        self.ready = self._mask = None
        self._change(state=state, task=task, slots=slots, ended_at=datetime.now(UTC))

    # Inside

    async def _keep(self, request: _Request, index: int, made: ImageMade) -> None:
        try:
            ready = self.ready
            assert ready is not None
            finished = await on_thread(lambda: finish(ready, made.data), "image-finish")
            task = self.run.task
            self.note(_other_format(ready, finished))
            new = NewImage(
                origin="generated" if task.base is None else "edited",
                mime=finished.mime,
                width=finished.width,
                height=finished.height,
                prompt=task.prompt,
                model=task.model,
                parameters=_parameters(task, made),
                parents=_parents(task),
                run=self.run.id,
                group=task.group,
            )
            # Should the disk be full, it can be seen at least.
            self._unkept.add(index)
            self.previewed(index, finished.data)
            image = await self._library.add(new, finished.data, await self._mask_bytes())
            self._unkept.discard(index)
            request.ids.append(image.id)
            self._put(Slot(index, None, image))
        except AIProxyError as error:
            self.fail(error)
        except Exception:
            self.fail(unexpected())
            raise  # to whoever hears of tasks that fail
        finally:
            request.pending -= 1
        await self._share(request)

    async def _mask_bytes(self) -> bytes | None:
        mask = self.run.task.mask
        if mask is None:
            return None
        if self._mask is None:
            self._mask = asyncio.ensure_future(on_thread(lambda: mask_file(mask), "image-mask"))
        return await asyncio.shield(self._mask)

    def _share_later(self, request: _Request) -> None:
        """The images may have been kept before it was known what they cost."""
        if request.ids and not request.pending:
            task = self._begin(self._share(request), "cost")
            self._keeps.add(task)
            task.add_done_callback(self._keeps.discard)

    async def _share(self, request: _Request) -> None:
        end = request.end
        if end is None or request.pending or request.counted or not request.ids:
            return
        request.counted = True
        ids = tuple(request.ids)
        usage = end.usage or ImageUsage()
        each = None if end.cost is None else end.cost / len(ids)
        if each is not None:
            for _ in ids:
                self._earlier.note(self.run.task.model, self.run.task.options, each)
        shares = (_share_of(usage.input_tokens, len(ids)), _share_of(usage.output_tokens, len(ids)))
        try:
            await self._books.note_cost(ids, each, *shares)
        except AIProxyError as error:
            self.fail(error)
            return
        kept = {image.id: image for image in await self._library.many(ids)}
        self._library.changed(ids)
        self._change(
            slots=tuple(
                slot if slot.image is None else replace(slot, image=kept.get(slot.image.id, slot.image))
                for slot in self.run.slots
            )
        )

    def _request(self, call: Call) -> _Request:
        return self._requests.setdefault(call, _Request())

    def _slot(self, index: int) -> Slot:
        """The slot of an image; a new one where more come than were asked for."""
        for slot in self.run.slots:
            if slot.index == index:
                return slot
        slot = Slot(index)
        self._change(slots=(*self.run.slots, slot))
        return slot

    def _put(self, slot: Slot) -> None:
        self._change(slots=tuple(slot if one.index == slot.index else one for one in self.run.slots))

    def _change(self, **changes: Any) -> None:
        self.run = replace(self.run, **changes)
        self._changed(self.run)


def unexpected() -> AIProxyError:
    """What a person hears of an error that nobody planned for."""
    return AIProxyError("Something in the application went wrong", "Try again; the log has the details.")


def _other_format(ready: ReadyWork, finished: FinishedImage) -> tuple[str, ...]:
    """That an image is kept in another format than was asked for, if it is."""
    wanted = ready.options.get("output_format")
    if not wanted or finished.mime == f"image/{wanted}":
        return ()
    if ready.edit is not None and finished.mime == "image/png":
        return (f"It is kept as PNG, not as {wanted}: so nothing is lost of what stays as it was.",)
    return (f"{wanted} was asked for, and {finished.mime.partition('/')[2]} came.",)


def _parents(task: ImageTask) -> tuple[ImageParent, ...]:
    base = () if task.base is None else (ImageParent(task.base.id, "base"),)
    return (*base, *(ImageParent(one.id, "reference") for one in task.references))


def _parameters(task: ImageTask, made: ImageMade) -> dict[str, Any]:
    """What it takes to do the same again."""
    found = dict(task.options)
    if task.mask is not None:
        found |= {"feather": task.feather, "protect": task.protect}
    if made.revised_prompt and made.revised_prompt != task.prompt:
        found["revised_prompt"] = made.revised_prompt
    return found


def _sum(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _count(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _added(one: ImageUsage | None, other: ImageUsage | None) -> ImageUsage | None:
    if one is None or other is None:
        return None
    return ImageUsage(
        _count(one.input_tokens, other.input_tokens),
        _count(one.output_tokens, other.output_tokens),
        _count(one.input_text_tokens, other.input_text_tokens),
        _count(one.input_image_tokens, other.input_image_tokens),
        _count(one.output_image_tokens, other.output_image_tokens),
    )


def _share_of(tokens: int | None, images: int) -> int | None:
    return None if tokens is None else round(tokens / images)
