r"""A small Ollama server on loopback that keeps to the real protocol and has a state.

    server = OllamaServer(stored("llama3.2"))
    server.store.offer(stored("qwen3", 4_000_000, 2_000, 11_000))   # what can be pulled
    await server.start()            # a free port; server.url, server.port
    server.speed = 1_000_000        # bytes a second of a pull; 0 is as fast as can be
    server.break_at = 1_500_000     # a pull's connection is cut once so many bytes of it came
    await server.stop()             # everything cut; the state stays
    await server.start()            # on the same port again

By hand: `python -m tests.ollama_server --port 11434 --models llama3.2 qwen3:0.6b --library mistral`.
Shapes are those of Ollama's `api/types.go` and `server/routes.go`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from tests.ollama_rows import chat_line, now, running_row, show_answer, tag_row
from tests.ollama_store import Store, Stored, canonical, stored

__all__ = ["Ask", "OllamaServer", "Store", "Stored", "canonical", "stored"]


class Gone(Exception):  # noqa: N818  # no error: the client went away
    """The client closed its connection."""


@dataclass(slots=True)
class Ask:
    """One request as the server saw it; `ended` once its answer was sent whole.

    A blob's body is counted and hashed, not kept.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""
    received: int = 0
    digest: str = ""
    ended: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


@dataclass(frozen=True, slots=True)
class _Fault:
    status: int
    message: str
    times: int


class OllamaServer:
    """Serves from `start` to `stop`, the models given on its disk.

    Change these while it runs: `store`; `version`; `capabilities_in_tags` (older servers tell them only in
    /api/show); `speed` of pulls in bytes a second, 0 as fast as can be; `piece`, the bytes between two lines
    of progress; `break_at`, cut a pull, once, when so many bytes of it are there; `pull_error`, an error
    under 200 when so many are, as in `(1000, "write …: no space left on device")`; `answer`, the words of a
    chat, and `word_seconds` between them; `upload_seconds` between two reads of an upload.
    """

    def __init__(self, *models: Stored) -> None:
        self.store = Store()
        self.store.add(*models)
        self.version = "0.12.3"
        self.capabilities_in_tags = True
        self.speed = 0.0
        self.piece = 256_000
        self.break_at: int | None = None
        self.pull_error: tuple[int, str] | None = None
        self.answer: tuple[str, ...] = ("Hello", " from", " Ollama", ".")
        self.word_seconds = 0.0
        self.upload_seconds = 0.0
        self.asks: list[Ask] = []
        self.port = 0
        self._faults: dict[str, _Fault] = {}
        self._server: asyncio.Server | None = None
        self._tasks: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self._server is not None

    @property
    def paths(self) -> list[str]:
        """What was asked, in order: `GET /api/tags`."""
        return [f"{ask.method} {ask.path}" for ask in self.asks]

    async def start(self, port: int = 0) -> Self:
        """Listen on a port: the one given, else the one it had, else a free one."""
        assert self._server is None, "it runs already"
        self._server = await asyncio.start_server(self._welcome, "127.0.0.1", port or self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        """Cut every connection and listen no more; what it holds stays."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close()
        tasks = dict(self._tasks)
        for task, writer in tasks.items():
            task.cancel()
            writer.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(5):  # for connections that were being taken
            await asyncio.sleep(0)
        await server.wait_closed()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def fail(self, path: str, status: int, message: str, times: int = 1) -> None:
        """Refuse the next requests for a path, before the first byte; `times` -1 is all of them."""
        self._faults[path] = _Fault(status, message, times)

    def mend(self, path: str) -> None:
        """Refuse it no more."""
        self._faults.pop(path, None)

    def fault(self, path: str) -> _Fault | None:
        """What the next request for a path is refused with."""
        found = self._faults.get(path)
        if found is not None and found.times > 0:
            self._faults.pop(path)
            if found.times > 1:
                self._faults[path] = _Fault(found.status, found.message, found.times - 1)
        return found

    def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # taken while it stopped
            writer.transport.abort()
            return
        task = asyncio.get_running_loop().create_task(_Connection(self, reader, writer).serve())
        self._tasks[task] = writer
        task.add_done_callback(lambda done: self._tasks.pop(done, None))


class _Connection:
    """One connection: requests in order, each with its answer."""

    def __init__(
        self, server: OllamaServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._store = server.store
        self._reader = reader
        self._writer = writer

    async def serve(self) -> None:
        with suppress(Gone, ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                await self._answer(await self._read_ask())
        self._writer.transport.abort()

    async def _read_ask(self) -> Ask:
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ", 2)
        pairs = (line.partition(":") for line in head[1:] if line)
        ask = Ask(method, path, {name.lower(): value.strip() for name, _, value in pairs})
        self._server.asks.append(ask)
        upload = method == "POST" and path.startswith("/api/blobs/")
        hashed = hashlib.sha256()
        kept = bytearray()
        async for data in self._pieces(ask):
            ask.received += len(data)
            if upload:
                hashed.update(data)
                await asyncio.sleep(self._server.upload_seconds)
            else:
                kept += data
        ask.body, ask.digest = bytes(kept), f"sha256:{hashed.hexdigest()}" if upload else ""
        return ask

    async def _pieces(self, ask: Ask) -> AsyncIterator[bytes]:
        if ask.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(await self._reader.readline(), 16):
                yield await self._reader.readexactly(size)
                await self._reader.readexactly(2)
            await self._reader.readexactly(2)
            return
        left = int(ask.headers.get("content-length", "0"))
        while left:
            data = await self._reader.read(min(left, 65536))
            if not data:
                raise Gone
            left -= len(data)
            yield data

    async def _answer(self, ask: Ask) -> None:
        fault = self._server.fault(ask.path)
        if fault is not None:
            await self._error(ask, fault.status, fault.message)
            return
        if ask.path.startswith("/api/blobs/"):
            await self._blob(ask)
            return
        name = f"_{ask.method}_{ask.path.strip('/').replace('/', '_')}".lower()
        handler = getattr(self, name, None)
        if handler is None:
            await self._error(ask, 404, "404 page not found")
        else:
            await handler(ask)

    async def _json(self, ask: Ask, value: Any, status: int = 200) -> None:
        await self._whole(ask, b"" if value is None else json.dumps(value).encode(), status)

    async def _whole(self, ask: Ask, body: bytes, status: int) -> None:
        body = b"" if ask.method == "HEAD" else body
        head = (
            f"HTTP/1.1 {status} X\r\ncontent-type: application/json; charset=utf-8\r\n"
            f"content-length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        await self._writer.drain()
        ask.ended = True

    async def _error(self, ask: Ask, status: int, message: str) -> None:
        await self._json(ask, {"error": message}, status)

    async def _lines(self, ask: Ask, lines: AsyncIterator[dict[str, Any]]) -> None:
        """JSON lines, each a chunk, until they end or the client goes away."""
        self._writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        async for value in lines:
            if self._reader.at_eof():
                raise Gone
            line = json.dumps(value).encode() + b"\n"
            self._writer.write(b"%x\r\n%b\r\n" % (len(line), line))
            await self._writer.drain()
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()
        ask.ended = True

    # What can be asked: the method, then the path.

    async def _get_(self, ask: Ask) -> None:
        await self._whole(ask, b"Ollama is running", 200)

    async def _get_api_version(self, ask: Ask) -> None:
        await self._json(ask, {"version": self._server.version})

    async def _get_api_tags(self, ask: Ask) -> None:
        newest = sorted(self._store.models.values(), key=lambda model: model.modified_at, reverse=True)
        await self._json(
            ask, {"models": [tag_row(model, older=not self._server.capabilities_in_tags) for model in newest]}
        )

    async def _post_api_show(self, ask: Ask) -> None:
        model = await self._found(ask)
        if model is None:
            return
        await self._json(ask, show_answer(model))

    async def _get_api_ps(self, ask: Ask) -> None:
        rows = [running_row(one, self._store.models[one.name]) for one in self._store.in_memory()]
        await self._json(ask, {"models": rows})

    async def _delete_api_delete(self, ask: Ask) -> None:
        if await self._found(ask) is not None:
            self._store.delete(_name(ask))
            await self._json(ask, None)

    async def _post_api_copy(self, ask: Ask) -> None:
        source, destination = ask.json["source"], ask.json["destination"]
        if " " in destination or not destination:
            await self._error(ask, 400, f'destination "{destination}" is invalid')
        elif not self._store.copy(source, destination):
            await self._error(ask, 404, f'model "{source}" not found')
        else:
            await self._json(ask, None)

    async def _post_api_create(self, ask: Ask) -> None:
        if not ask.json.get("from") and not ask.json.get("files"):
            await self._error(ask, 400, "neither 'from' or 'files' was specified")
            return

        async def lines() -> AsyncIterator[dict[str, Any]]:
            words, wrong = self._store.create(ask.json)
            for word in words:
                yield {"status": word}
                await asyncio.sleep(self._server.word_seconds)
            if wrong:
                yield {"error": wrong}

        await self._lines(ask, lines())

    async def _blob(self, ask: Ask) -> None:
        digest = ask.path.rpartition("/")[2]
        if ask.method == "HEAD":
            await self._json(ask, None, 200 if digest in self._store.blobs else 404)
        elif ask.method != "POST":
            await self._error(ask, 405, "method not allowed")
        elif ask.digest != digest:
            await self._error(ask, 400, f'digest mismatch, expected "{digest}", got "{ask.digest}"')
        else:
            self._store.blobs[digest] = ask.received
            await self._json(ask, None, 201)

    async def _post_api_generate(self, ask: Ask) -> None:
        order = ask.json
        if await self._found(ask) is None:
            return
        self._store.load(order["model"], order.get("keep_alive"), _context(order))
        reason = "unload" if order.get("keep_alive") == 0 else "load"
        await self._json(
            ask,
            {
                "model": order["model"],
                "created_at": now(),
                "response": "",
                "done": True,
                "done_reason": reason,
            },
        )

    async def _post_api_chat(self, ask: Ask) -> None:
        order = ask.json
        if await self._found(ask) is None:
            return
        self._store.load(order["model"], order.get("keep_alive"), _context(order))

        async def lines() -> AsyncIterator[dict[str, Any]]:
            for word in self._server.answer:
                yield chat_line(order["model"], word)
                await asyncio.sleep(self._server.word_seconds)
            yield chat_line(order["model"], "") | {
                "done": True,
                "done_reason": "stop",
                "total_duration": 900_000_000,
                "load_duration": 100_000_000,
                "prompt_eval_count": 11,
                "prompt_eval_duration": 200_000_000,
                "eval_count": len(self._server.answer),
                "eval_duration": 500_000_000,
            }

        await self._lines(ask, lines())

    async def _post_api_pull(self, ask: Ask) -> None:
        await self._lines(ask, self._pull(_name(ask)))

    async def _pull(self, name: str) -> AsyncIterator[dict[str, Any]]:
        yield {"status": "pulling manifest"}
        model = self._store.library.get(canonical(name))
        if model is None:
            yield {"error": "pull model manifest: file does not exist"}
            return
        for layer in model.layers:
            facts = {"status": f"pulling {layer.digest[7:19]}", "digest": layer.digest, "total": layer.size}
            come = (
                layer.size if layer.digest in self._store.blobs else self._store.partial.get(layer.digest, 0)
            )
            yield facts | ({"completed": come} if come else {})  # Go leaves out a zero
            while come < layer.size:
                step = min(self._server.piece, layer.size - come)
                if self._server.speed:
                    await asyncio.sleep(step / self._server.speed)
                come += step
                self._store.partial[layer.digest] = come
                yield facts | {"completed": come}
                error = self._after(sum(self._store.partial.get(one.digest, 0) for one in model.layers))
                if error:
                    yield {"error": error}
                    return
        yield {"status": "verifying sha256 digest"}
        yield {"status": "writing manifest"}
        for layer in model.layers:
            self._store.partial.pop(layer.digest, None)
        self._store.add(model)
        yield {"status": "success"}

    def _after(self, come: int) -> str:
        """What befalls a pull after so many bytes: nothing, a cut connection, or an error's words."""
        if self._server.break_at is not None and come >= self._server.break_at:
            self._server.break_at = None
            raise Gone
        if self._server.pull_error is not None and come >= self._server.pull_error[0]:
            message, self._server.pull_error = self._server.pull_error[1], None
            return message
        return ""

    async def _found(self, ask: Ask) -> Stored | None:
        model = self._store.find(_name(ask))
        if model is None:
            await self._error(ask, 404, f"model '{_name(ask)}' not found")
        return model


def _name(ask: Ask) -> str:
    order = ask.json or {}
    return str(order.get("model") or order.get("name") or "")


def _context(order: dict[str, Any]) -> int:
    return int((order.get("options") or {}).get("num_ctx", 4096))


async def _run(options: argparse.Namespace) -> None:
    server = OllamaServer()
    server.speed, server.piece = options.speed, options.piece
    server.capabilities_in_tags = not options.older
    server.store.add(*(stored(name) for name in options.models))
    server.store.offer(*(stored(name, options.size, 1_500, 11_000) for name in options.library))
    await server.start(options.port)
    models = ", ".join(server.store.models) or "none"
    print(f"Ollama's protocol at {server.url}; models: {models}", flush=True)  # noqa: T201  # to whoever tries it by hand
    try:
        await asyncio.Event().wait()
    finally:
        await server.stop()


def main() -> None:
    """Serve until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m tests.ollama_server", description="Ollama's protocol.")
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--models", nargs="*", default=["llama3.2"], help="what is on its disk")
    parser.add_argument("--library", nargs="*", default=["qwen3", "mistral"], help="what can be pulled")
    parser.add_argument("--size", type=int, default=200_000_000, help="bytes of what is pulled")
    parser.add_argument("--speed", type=float, default=5_000_000, help="bytes a second of a pull")
    parser.add_argument("--piece", type=int, default=500_000, help="bytes between two lines of progress")
    parser.add_argument("--older", action="store_true", help="without capabilities in its list")
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
