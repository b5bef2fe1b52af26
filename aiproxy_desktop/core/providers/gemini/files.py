"""Media too large to send along: put where Gemini finds them, and taken away afterwards.

The Files API's resumable upload (ai.google.dev, "Files"; google-genai 3.4.0, `files.py`): a call names the
file and gets an address, the bytes go there, then the file is asked for until it is ready.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import msgspec

from aiproxy_desktop.core.endpoints import is_loopback, origin, split_url
from aiproxy_desktop.core.errors import (
    AIProxyError,
    InvalidEndpointError,
    MediaError,
    ProtocolError,
    ProviderTimeoutError,
)
from aiproxy_desktop.core.http import HttpCall, HttpClient
from aiproxy_desktop.core.messages import CompletionRequest, HostedMediaPart, MediaPart, Message
from aiproxy_desktop.core.providers.gemini.rules import MAX_INLINE_PART, MAX_INLINE_TOTAL
from aiproxy_desktop.core.providers.gemini.writing import is_text, mime_name
from aiproxy_desktop.core.threads import outlasting
from aiproxy_desktop.core.wire_json import decode_json, encode_json

_GOOGLE = ".googleapis.com"
_POLL_SECONDS = (0.5, 1.0, 2.0, 5.0)  # the last one again and again
_READY_SECONDS = 600.0
_DELETE_SECONDS = 5.0
_ANSWER_BYTES = 1024 * 1024

_any_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


@dataclass(frozen=True, slots=True)
class FileCalls:
    """How to reach the Files API: `call` by method and path, `upload` for the first call of an upload."""

    call: Callable[[str, str], Awaitable[HttpCall]]
    upload: Callable[[bytes, Mapping[str, str]], Awaitable[HttpCall]]


def too_large(request: CompletionRequest) -> list[MediaPart]:
    """The media that cannot be sent along, largest first.

    Each above the bound for one, then the largest of the rest until what is left fits; the bound for all is
    of bytes on the wire, where base64 takes four for three.
    """
    parts = [
        part
        for message in request.messages
        for part in message.parts
        if isinstance(part, MediaPart) and not is_text(part)
    ]
    left = sorted(parts, key=lambda part: len(part.data))
    hosted: list[MediaPart] = []
    total = sum(_on_the_wire(part) for part in left)
    while left and (len(left[-1].data) > MAX_INLINE_PART or total > MAX_INLINE_TOTAL):
        part = left.pop()
        total -= _on_the_wire(part)
        hosted.append(part)
    return hosted


class GeminiFiles:
    """Uploads for the time of one answer."""

    def __init__(self, http: HttpClient, calls: FileCalls) -> None:
        self._http = http
        self._calls = calls
        self._names: list[str] = []

    @asynccontextmanager
    async def hosted(
        self, request: CompletionRequest, parts: Sequence[MediaPart]
    ) -> AsyncIterator[CompletionRequest]:
        """The request with these parts uploaded, for the block; afterwards they are deleted, come what may.

        Raises:
            AIProxyError: an upload failed; MediaError where Gemini could not read a file.
        """
        try:
            places = await self._upload_all({id(part): part for part in parts})
            yield replace(request, messages=tuple(_placed(message, places) for message in request.messages))
        finally:
            await self._delete_all()

    async def _upload_all(self, parts: Mapping[int, MediaPart]) -> dict[int, HostedMediaPart]:
        tasks = [
            asyncio.get_running_loop().create_task(self._upload(part), name="gemini-upload")
            for part in parts.values()
        ]
        try:
            places = await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return dict(zip(parts, places, strict=True))

    async def _upload(self, part: MediaPart) -> HostedMediaPart:
        mime = mime_name(part.mime)
        start = await self._calls.upload(
            encode_json({"file": {"displayName": part.name or part.kind}}),
            {
                "x-goog-upload-protocol": "resumable",
                "x-goog-upload-command": "start",
                "x-goog-upload-header-content-length": str(len(part.data)),
                "x-goog-upload-header-content-type": mime,
                "content-type": "application/json",
            },
        )
        address = await self._address(start)
        # No key goes along: the address itself is the right to write there.
        headers = {"x-goog-upload-offset": "0", "x-goog-upload-command": "upload, finalize"}
        call = replace(start, url=address, headers=headers, content=part.data)
        file = self._file(await self._http.fetch(call, _ANSWER_BYTES), "file", start)
        self._names.append(file["name"])
        return HostedMediaPart(part.kind, mime, await self._ready(file, part, start))

    async def _address(self, start: HttpCall) -> str:
        """Where the bytes go; no other service's address is taken for it."""
        body = await self._http.open(start)
        try:
            address = body.header("x-goog-upload-url")
            await body.drain()
        finally:
            body.close()
        if not is_trusted(address, start.url):
            raise ProtocolError(
                f"{start.label} gave no address of its own to upload to",
                "Send a smaller file, or check the base address in Settings.",
                provider=start.provider,
            )
        return address

    async def _ready(self, file: Mapping[str, Any], part: MediaPart, start: HttpCall) -> str:
        """Wait until the file can be used; its address."""
        clock = asyncio.get_running_loop().time
        deadline, waits = clock() + _READY_SECONDS, 0
        while file.get("state") == "PROCESSING":
            if clock() > deadline:
                raise ProviderTimeoutError(
                    f"{start.label} did not finish reading {_shown(part)}",
                    "Try again later, or send a shorter one.",
                    provider=start.provider,
                )
            await asyncio.sleep(_POLL_SECONDS[min(waits, len(_POLL_SECONDS) - 1)])
            waits += 1
            call = await self._calls.call("GET", _path(file["name"]))
            file = self._file(await self._http.fetch(call, _ANSWER_BYTES), None, start)
        if file.get("state") == "FAILED":
            error = file.get("error")
            said = error.get("message") if isinstance(error, Mapping) else None
            raise MediaError(
                f"{start.label} could not read {_shown(part)}",
                "Check that the file opens, or save it in another format.",
                provider=start.provider,
                detail=self._http.redactor(said) if isinstance(said, str) else "",
            )
        uri = file.get("uri")
        if not isinstance(uri, str) or not uri:
            raise _unreadable(start)
        return uri

    def _file(self, body: bytes, key: str | None, start: HttpCall) -> dict[str, Any]:
        value = decode_json(_any_decoder, body)
        file = value.get(key) if key is not None and isinstance(value, dict) else value
        if not isinstance(file, dict) or not isinstance(file.get("name"), str):
            raise _unreadable(start)
        return file

    async def _delete_all(self) -> None:
        """Take away what was uploaded. The outcome of the answer stands, whatever becomes of this."""
        if self._names:
            work = asyncio.get_running_loop().create_task(self._delete(), name="gemini-delete-files")
            await outlasting(work)

    async def _delete(self) -> None:
        try:
            async with asyncio.timeout(_DELETE_SECONDS):
                await asyncio.gather(*(self._delete_one(name) for name in self._names))
        except TimeoutError:
            return  # Gemini deletes every file after two days by itself

    async def _delete_one(self, name: str) -> None:
        try:
            await self._http.fetch(await self._calls.call("DELETE", _path(name)), _ANSWER_BYTES)
        except AIProxyError:
            return  # the same


def _placed(message: Message, places: Mapping[int, HostedMediaPart]) -> Message:
    if not any(id(part) in places for part in message.parts):
        return message
    return replace(message, parts=tuple(places.get(id(part), part) for part in message.parts))


def _on_the_wire(part: MediaPart) -> int:
    return (len(part.data) + 2) // 3 * 4


def is_trusted(address: str, asked: str) -> bool:
    """Whether an address is of the service that named it: its own, over TLS, or the very one on loopback."""
    try:
        there, here = split_url(address), split_url(asked)
    except InvalidEndpointError:
        return False
    host, own = there.hostname or "", here.hostname or ""
    if is_loopback(own) or there.scheme != "https":
        return is_loopback(own) and origin(address) == origin(asked)
    return host == own or (host.endswith(_GOOGLE) and own.endswith(_GOOGLE))


def _path(name: str) -> str:
    return f"/files/{quote(name.removeprefix('files/'), safe='')}"


def _shown(part: MediaPart) -> str:
    return f"“{part.name}”" if part.name else f"the {part.kind}"


def _unreadable(start: HttpCall) -> ProtocolError:
    return ProtocolError(
        f"{start.label} sent something about a file that cannot be read",
        "Try again, or send a smaller file.",
        provider=start.provider,
    )
