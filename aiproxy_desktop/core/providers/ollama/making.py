"""Models made on an Ollama server: copied, or created from a Modelfile with files of this computer.

https://docs.ollama.com/api, "Create a model", "Copy a model" and "Push a blob".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from aiproxy_desktop.core.administration import DeletionSpace, PullProgress
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InterruptedStreamError,
    InvalidRequestError,
    ModelNotFoundError,
    ProviderFailureError,
    RequestError,
)
from aiproxy_desktop.core.providers._base import LIST_TIMEOUTS
from aiproxy_desktop.core.providers.ollama.admin import OllamaServer, one_line, shown_name
from aiproxy_desktop.core.providers.ollama.models import Tag, shared_blobs
from aiproxy_desktop.core.threads import look_away

if TYPE_CHECKING:  # most servers are only listed and asked; 6 ms for what makes models
    from aiproxy_desktop.core.providers.ollama.blobs import LocalFile
    from aiproxy_desktop.core.providers.ollama.modelfile import Modelfile

# How often an upload tells how far it is; more is not seen.
_TOLD_SECONDS = 0.25
_SHOWN_AT_ONCE = 4


class OllamaMaker(OllamaServer):
    """What makes new models on a server, and what is freed when one goes."""

    async def copy(self, source: str, destination: str) -> None:
        """Give a model a second name; takes next to no space.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where there is no such source.
        """
        order = {"source": self._name_of(source), "destination": self._name_of(destination)}
        with self._could_not(f"copy {shown_name(source)}"):
            await self._http.fetch(self.call("POST", "/api/copy", order, LIST_TIMEOUTS))

    async def create(
        self, model: str, modelfile: str | Modelfile, folder: Path | None = None
    ) -> AsyncGenerator[PullProgress]:
        """Make a model, step by step; it is there once the generator ends.

        Files are read and sent in pieces, those that the server has already are not sent. The steps of
        this side are called "reading" and "uploading", the others as the server names them. Closing the
        generator or cancelling its task closes the connection.

        Args:
            model: its name.
            modelfile: its text, or what was read of one.
            folder: where the Modelfile lies, from which relative paths count.

        Raises:
            AIProxyError: and nothing else. InvalidRequestError names the line that cannot be used.
        """
        from aiproxy_desktop.core.providers.ollama.blobs import find_file
        from aiproxy_desktop.core.providers.ollama.modelfile import parse_modelfile

        name = self._name_of(model)
        plan = parse_modelfile(modelfile) if isinstance(modelfile, str) else modelfile
        body = {"model": name, **plan.body(), "stream": True}
        try:
            for field, named in (("files", plan.files), ("adapters", plan.adapters)):
                files = [await find_file(one, folder) for one in named]
                digests: dict[str, str] = {}
                for file in files:
                    digest = ""
                    async with aclosing(self._provide(file)) as steps:
                        async for step in steps:
                            yield step
                            digest = step.digest
                    digests[_free_name(file, digests)] = digest
                if digests:
                    body[field] = digests
            async with aclosing(self._made(body)) as steps:
                async for step in steps:
                    yield step
        except AIProxyError as error:
            raise self._about_create(error, name) from None

    async def deletion_space(self, model: str) -> DeletionSpace:
        """What deleting a model would free. What other models need of it stays on the disk.

        Raises:
            AIProxyError: and nothing else. ModelNotFoundError where it is not there.
        """
        tags = await self.tags()
        mine = next((tag for tag in tags if tag.name in {model, f"{model}:latest"}), None)
        if mine is None:
            raise ModelNotFoundError(
                f"There is no model {shown_name(model)}", "Refresh the list.", provider=self.id
            )
        twins = [tag.name for tag in tags if tag.digest and tag.digest == mine.digest and tag is not mine]
        if twins:
            return DeletionSpace(0, tuple(twins))
        kin = [tag for tag in tags if tag.family == mine.family and tag is not mine]
        shared = await self._sharing(mine, kin)
        if not shared:
            return DeletionSpace(mine.size_bytes)
        # A model made from another one differs by a few kilobytes, or by an adapter.
        largest = max((tag.size_bytes or 0 for tag in shared), default=0)
        freed = None if mine.size_bytes is None else max(0, mine.size_bytes - largest)
        return DeletionSpace(freed, tuple(tag.name for tag in shared))

    async def _sharing(self, mine: Tag, others: Sequence[Tag]) -> list[Tag]:
        """Those of the others that are made from the same weights. One that cannot be shown is none."""
        if not others:
            return []
        gate = asyncio.Semaphore(_SHOWN_AT_ONCE)

        async def blobs(tag: Tag) -> frozenset[str]:
            async with gate:
                try:
                    return shared_blobs(await self.ask("POST", "/api/show", {"model": tag.name}))
                except AIProxyError:
                    return frozenset()

        own, *theirs = await asyncio.gather(blobs(mine), *(blobs(tag) for tag in others))
        return [tag for tag, held in zip(others, theirs, strict=True) if own & held]

    async def _provide(self, file: LocalFile) -> AsyncGenerator[PullProgress]:
        """Make sure that the server has a file. The last step carries its digest."""
        from aiproxy_desktop.core.providers.ollama.blobs import Hashing

        hashing = Hashing(file)
        async with aclosing(hashing.run()) as steps:
            async for done in steps:
                yield PullProgress("reading", "", done, file.size)
        digest = hashing.digest
        path = f"/api/blobs/{digest}"
        head = await self._http.open(replace(self.call("HEAD", path, None, LIST_TIMEOUTS), bare=True))
        head.close()
        if head.status != 200:
            async with aclosing(self._uploaded(file, path, digest)) as sends:
                async for step in sends:
                    yield step
        yield PullProgress("uploading", digest, file.size, file.size)

    async def _uploaded(self, file: LocalFile, path: str, digest: str) -> AsyncGenerator[PullProgress]:
        from aiproxy_desktop.core.providers.ollama.blobs import FileUpload

        upload = FileUpload(file)
        call = replace(
            self.call("POST", path), headers={"content-type": "application/octet-stream"}, upload=upload
        )
        sending = asyncio.ensure_future(self._http.fetch(call))
        sending.add_done_callback(look_away)  # whoever leaves while it fails does not ask why
        try:
            while not sending.done():
                yield PullProgress("uploading", digest, upload.sent, file.size)
                await asyncio.wait([sending], timeout=_TOLD_SECONDS)
            sending.result()
        except AIProxyError:
            if upload.failure is not None:
                raise upload.failure from None
            raise
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    async def _made(self, body: Mapping[str, object]) -> AsyncGenerator[PullProgress]:
        call = self.call("POST", "/api/create", body)
        answer = await self._http.open(call)
        try:
            async with aclosing(self._progress(answer, call)) as steps:
                async for step in steps:
                    yield step
                    if step.status == "success":
                        await answer.drain()
                        return
        finally:
            answer.close()
        raise InterruptedStreamError("", provider=self.id)

    def _about_create(self, error: AIProxyError, model: str) -> AIProxyError:
        """The same failure in words that fit."""
        error.provider = self.id
        if isinstance(error, InterruptedStreamError):
            error.title = f"Making {shown_name(model)} broke off"
            error.advice = f"{self.label} closed the connection. Try again; files it has are not sent twice."
        elif isinstance(error, ProviderFailureError | ModelNotFoundError) or (
            isinstance(error, RequestError) and error.detail and not isinstance(error, InvalidRequestError)
        ):
            error.title = f"{self.label} could not make {shown_name(model)}"
            error.advice = _reason(error.detail) or "It gave no reason. Try again in a moment."
        return error


def _reason(detail: str) -> str:
    if "pull model manifest" in detail:  # it looks in its library for what it does not have
        return "It has no model of the name that FROM gives, and neither has its library."
    return one_line(detail)


def _free_name(file: LocalFile, taken: Mapping[str, str]) -> str:
    """The file's name, or another one where two files of different folders have the same."""
    name, number = file.name, 1
    while name in taken:
        number += 1
        name = f"{number}-{file.name}"
    return name
