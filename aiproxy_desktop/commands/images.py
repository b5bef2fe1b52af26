"""`aiproxy-desktop image`: images into files that the person names. Nothing else is kept of them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from aiproxy_desktop.commands.common import StatusLine, note, open_runtime, prompt_of
from aiproxy_desktop.commands.image_targets import ImageTargets, cost_text, targets_of
from aiproxy_desktop.core.errors import AIProxyError, ConfigurationError
from aiproxy_desktop.core.images.models import image_model_facts
from aiproxy_desktop.core.images.values import ImageInput, ImageMade, ImagesFinished
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.images import making
from aiproxy_desktop.services.images.encoding import encode, loses_alpha
from aiproxy_desktop.services.images.making import Call, ImageWork, ReadyWork
from aiproxy_desktop.services.images.masks import mask_from
from aiproxy_desktop.services.images.opening import open_picture, read_picture_file
from aiproxy_desktop.services.images.picture import Mask, Picture
from aiproxy_desktop.storage.named_files import write_named


async def make_images(options: argparse.Namespace, redactor: Redactor) -> None:
    """Make images, or change one, and say where they are and what they cost.

    Raises:
        AIProxyError: what was given cannot be used, and then nothing was sent; or an image did not come.
    """
    prompt = prompt_of(options).strip()
    targets = targets_of(options)
    given = await on_thread(lambda: _read(options), "image-files")
    async with open_runtime(options, redactor) as runtime:
        await runtime.providers.find_plug_ins()
        work = await _work(runtime, options, prompt, targets, given)
        ready = await making.prepare(work)
        written = _Written(ready, targets, _Progress(work.name, work.count))
        try:
            await making.ask(runtime.client, ready, written, asyncio.Semaphore(making.AT_ONCE))
        finally:
            # Interrupted or not: what has come is paid for, and no file stays half written.
            await written.settled()
    for line in written.lines():
        sys.stdout.write(f"{line}\n")
    for sentence in (*given.notes, *written.notes):
        note(sentence)
    if written.error is not None:
        raise written.error


@dataclass(frozen=True, slots=True)
class _Given:
    """What the files that were named hold."""

    base: Picture | None
    mask: Mask | None
    references: tuple[ImageInput, ...]
    notes: tuple[str, ...] = ()


def _read(options: argparse.Namespace) -> _Given:
    """Read the files. Blocks.

    Raises:
        AIProxyError: one of them is not there, or no image.
    """
    base = mask = None
    notes: tuple[str, ...] = ()
    if options.edit is not None:
        data, name = read_picture_file(options.edit)
        opened = open_picture(data, name)
        base, notes = opened.picture, tuple(f"“{name}”: {one.sentence}" for one in opened.notes)
        if options.mask is not None:
            mask = mask_from(*read_picture_file(options.mask), base.size)
    files = [read_picture_file(path) for path in options.reference]
    references = [ImageInput(data, open_picture(data, name).mime, name) for data, name in files]
    return _Given(base, mask, tuple(references), notes)


async def _work(
    runtime: Runtime, options: argparse.Namespace, prompt: str, targets: ImageTargets, given: _Given
) -> ImageWork:
    wanted = options.model or runtime.settings.current.image_model
    if not wanted:
        raise ConfigurationError(
            "No image model is chosen", "Name one with -m, for example -m openai:gpt-image-2."
        )
    target = await runtime.client.image_target(wanted)
    facts = image_model_facts(target.model)
    asked = {name: getattr(options, name) for name in _OPTIONS if getattr(options, name) is not None}
    # A version is put together here: what comes of the model must not have lost anything by then.
    if facts is not None and targets.format in facts.formats and given.base is None:
        asked["output_format"] = targets.format
    return ImageWork(
        model=target.reference,
        name=target.model,
        prompt=prompt,
        facts=facts,
        options=asked,
        count=options.n,
        base=given.base,
        mask=given.mask,
        feather=options.feather,
        references=given.references,
        protect=not options.no_protect,
    )


_OPTIONS = ("size", "quality", "background", "aspect_ratio", "image_size")


class _Written:
    """Hears what comes (`making.Listener`); each image is in its file as soon as it has shown to be one."""

    def __init__(self, ready: ReadyWork, targets: ImageTargets, progress: _Progress) -> None:
        self.error: AIProxyError | None = None
        self.notes: list[str] = []
        self._ready = ready
        self._targets = targets
        self._progress = progress
        self._writing: set[asyncio.Task[None]] = set()
        self._files: dict[int, tuple[Path, int, int]] = {}
        self._calls: dict[int, Call] = {}
        self._ends: dict[Call, ImagesFinished] = {}

    def previewed(self, index: int, data: bytes) -> None:
        """A file has no use for it."""

    def came(self, call: Call, index: int, made: ImageMade) -> None:
        """Write it, beside whatever else goes on."""
        self._calls[index] = call
        task = asyncio.get_running_loop().create_task(self._write(index, made.data), name="write image")
        self._writing.add(task)

    def said(self, call: Call, text: str) -> None:
        """Words that come with an image are not asked for here."""

    def ended(self, call: Call, end: ImagesFinished) -> None:
        """Keep what it cost."""
        self._ends[call] = end
        self.notes += [sentence for sentence in end.notes.values() if sentence not in self.notes]

    def failed(self, call: Call, error: AIProxyError) -> None:  # noqa: ARG002 - a listener hears which one
        """The first error tells what is wrong."""
        self.error = self.error or error

    async def settled(self) -> None:
        """Wait until all that came is written, and say no more.

        Raises:
            Exception: an error nobody planned for.
        """
        if self._writing:
            await asyncio.wait(self._writing)
        self._progress.end()
        for task in self._writing:
            task.result()

    def lines(self) -> list[str]:
        """A line for each file: where it is, its size in pixels, and its share of the cost."""
        return [
            f"{path}  {width} x {height}  {cost_text(self._share(index))}"
            for index, (path, width, height) in sorted(self._files.items())
        ]

    def _share(self, index: int) -> float | None:
        call = self._calls[index]
        end = self._ends.get(call)
        if end is None or end.cost is None:
            return None
        return end.cost / sum(1 for other in self._calls.values() if other == call)

    async def _write(self, index: int, data: bytes) -> None:
        ready, targets = self._ready, self._targets
        path = targets.path(index)

        def write() -> tuple[int, int, bool]:
            finished = making.finish(ready, data)
            content, flat = finished.data, False
            if finished.mime != targets.mime:
                picture = open_picture(content, path.name).picture
                content, flat = encode(picture, targets.format), loses_alpha(picture, targets.format)
            targets.check_free(path)
            write_named(path, content)
            return finished.width, finished.height, flat

        try:
            width, height, flat = await on_thread(write, "image-write")
        except AIProxyError as error:
            self.error = self.error or error
            return
        self._files[index] = (path, width, height)
        if flat:
            self.notes.append(f"What was see-through is white in “{path.name}”: a JPEG has no transparency.")
        self._progress.one_more()


class _Progress:
    """How many are done."""

    def __init__(self, model: str, wanted: int) -> None:
        self._model = model
        self._wanted = wanted
        self._done = 0
        self._line = StatusLine()
        self._show()

    def one_more(self) -> None:
        """An image is in its file."""
        self._done += 1
        self._show()

    def end(self) -> None:
        """All that comes has come."""
        self._line.end()

    def _show(self) -> None:
        self._line.show(f"{self._model}: {self._done} of {self._wanted} done")
