"""A web server for one large file, on loopback: ranges, and what goes wrong with downloads.

async with FileServer(gguf(3_000_000)) as server:
    server.break_after = 1_000_000     # cut the next answer once so many of its bytes were sent
    ...                                # fetch server.address
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import struct
from contextlib import suppress
from typing import Self


def gguf(size: int, seed: int = 1) -> bytes:
    """A file with a sound GGUF head, so many bytes long."""
    key = b"general.architecture"
    value = b"llama"
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 1)
    head += struct.pack("<Q", len(key)) + key + struct.pack("<I", 8) + struct.pack("<Q", len(value)) + value
    block = hashlib.sha512(bytes([seed])).digest() * 1024
    rest = size - len(head)
    return head + (block * (rest // len(block) + 1))[:rest]


class FileServer:
    """Serves `data` at any path; its fields can be changed while it runs.

    `etag`, `last_modified`: headers, empty for none; `ranges`: whether it knows them; `redirect`: where it
    sends everyone; `status`, `retry_after` and `times`: how it refuses the next requests; `break_after`: see
    above; `hold_after`: fall silent after so many bytes until `go` is called; `content_type`; `length`:
    whether the size is told.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.etag = '"one"'
        self.last_modified = ""
        self.ranges = True
        self.redirect = ""
        self.status = 0
        self.retry_after = ""
        self.times = 0
        self.break_after: int | None = None
        self.hold_after: int | None = None
        self.content_type = "application/octet-stream"
        self.length = True
        self.asked: list[dict[str, str]] = []
        self.sent = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._go = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def address(self) -> str:
        return f"{self.url}/models/tree-q4.gguf"

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def ranges_asked(self) -> list[str]:
        return [head.get("range", "") for head in self.asked]

    def go(self) -> None:
        """Hold nothing back any more."""
        self.hold_after = None
        self._go.set()
        self._go = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                text = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                lines = [line.partition(":") for line in text.split("\r\n")[1:] if line]
                head = {name.lower(): value.strip() for name, _, value in lines}
                head["path"] = text.split(" ", 2)[1]
                self.asked.append(head)
                await self._answer(head, writer)
        finally:
            writer.transport.abort() if self.break_after == 0 else writer.close()
            if self.break_after == 0:
                self.break_after = None

    async def _answer(self, head: dict[str, str], writer: asyncio.StreamWriter) -> None:
        facts = {"connection": "close", "content-type": self.content_type}
        if self.redirect:
            await self._say(writer, 302, facts | {"location": self.redirect})
            return
        if self.times:
            self.times -= 1
            waits = {"retry-after": self.retry_after} if self.retry_after else {}
            await self._say(writer, self.status, facts | waits | {"content-length": "0"})
            return
        facts |= {name: value for name, value in self._validators().items() if value}
        start, total = 0, len(self.data)
        asked = re.fullmatch(r"bytes=(\d+)-", head.get("range", ""))
        if asked and self.ranges and head.get("if-range", "") in {"", self.etag, self.last_modified}:
            start = int(asked[1])
            if start >= total:
                whole = {"content-range": f"bytes */{total}", "content-length": "0"}
                await self._say(writer, 416, facts | whole)
                return
            facts["content-range"] = f"bytes {start}-{total - 1}/{total}"
        if self.length:
            facts["content-length"] = str(total - start)
        await self._say(writer, 206 if "content-range" in facts else 200, facts)
        await self._send(writer, self.data[start:])

    def _validators(self) -> dict[str, str]:
        return {"etag": self.etag, "last-modified": self.last_modified}

    async def _say(self, writer: asyncio.StreamWriter, status: int, facts: dict[str, str]) -> None:
        lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in facts.items())]
        writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        await writer.drain()

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        place = 0
        while place < len(data):
            bound = len(data) if self.break_after is None else self.break_after
            bound = bound if self.hold_after is None else min(bound, self.hold_after)
            piece = data[place : min(place + 65536, bound)]
            if piece:
                writer.write(piece)
                await writer.drain()
                place += len(piece)
                self.sent += len(piece)
            elif self.hold_after is not None and bound == self.hold_after:
                await self._go.wait()
            else:
                self.break_after = 0
                await asyncio.sleep(0.05)  # what was written is read before the connection goes
                return
