"""A conversation answered by the core: whole, or as the events of a stream in OpenAI's words."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Mapping
from typing import Any

from aiproxy_desktop.core.assembler import MessageAssembler
from aiproxy_desktop.core.events import Noted, Started, StreamEvent, TextDelta, UsageReported
from aiproxy_desktop.core.shaping import ChunkShaper, completion
from aiproxy_desktop.core.wire_json import encode_json
from aiproxy_desktop.server.exchange import Exchange

DONE = b"data: [DONE]\n\n"


async def whole_answer(exchange: Exchange, messages: list[Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """One answer as `CompletionClient.create_completion` gives it; the exchange knows its usage.

    Args:
        exchange: resolved; its model is asked.
        messages: dictionaries, or the core's own values.
        options: what `CompletionClient.stream` takes.

    Returns:
        See `shaping.completion`. The data of its images are bytes; `plain_images` makes JSON of them.

    Raises:
        AIProxyError: there is no answer, or not all of it.
    """
    answer = MessageAssembler()
    given = {**options, "client_context": exchange.client}
    identity, created = _new()
    async with exchange.backend.client.stream(messages, exchange.reference, **given) as events:
        async for event in events:
            answer.feed(event)
    exchange.usage = answer.usage
    provider, _, model = exchange.reference.partition(":")
    if answer.started is not None:
        provider, model = answer.started.provider, answer.started.model
    return completion(identity, created, provider, model, answer)


async def chat_frames(
    exchange: Exchange,
    messages: list[Any],
    options: Mapping[str, Any],
    *,
    include_usage: bool = False,
) -> AsyncGenerator[bytes]:
    """One answer as server-sent events: chunks as OpenAI writes them, then `[DONE]`.

    Args:
        exchange: resolved; its model is asked, and it comes to know the usage.
        messages: dictionaries, or the core's own values.
        options: what `CompletionClient.stream` takes.
        include_usage: whether the tokens come in a chunk of their own, and `usage` is null in all others.

    Raises:
        AIProxyError: there is no answer, or not all of it.
    """
    given = {**options, "client_context": exchange.client}
    writer = ChunkWriter(exchange.reference, include_usage)
    waiting, text_frame = True, writer.text
    async with exchange.backend.client.stream(messages, exchange.reference, **given) as events:
        async for event in events:
            # One turn for each token: what is not about tokens is asked last.
            if type(event) is TextDelta and not waiting:
                yield text_frame(event.text)
                continue
            if type(event) is UsageReported:
                exchange.usage = event.usage
            frame = writer.frame(event)
            if frame is None:
                continue
            if waiting and not isinstance(event, Started | Noted):
                exchange.first_token()
                waiting = False
            yield frame
    last = writer.last()
    yield last + DONE if last is not None else DONE


def plain_images(images: Any) -> Any:
    """The seed's `images` of an answer with data URLs in place of bytes, which JSON has none of."""
    if isinstance(images, list):
        return [plain_images(image) for image in images]
    if not isinstance(images, dict):
        return images
    from binascii import b2a_base64

    data = b2a_base64(images["data"], newline=False).decode()
    return {**images, "data": f"data:{images['mime_type']};base64,{data}"}


class ChunkWriter:
    """Events of one answer to the bytes of its chunks."""

    def __init__(self, reference: str, include_usage: bool) -> None:
        """Begin an answer.

        Args:
            reference: of the model that is asked.
            include_usage: whether the usage is told at the end, and is null until then.
        """
        provider, _, model = reference.partition(":")
        self._shaper = ChunkShaper(*_new(), provider, model)
        self._usage: dict[str, Any] = {"usage": None} if include_usage else {}
        self._include_usage = include_usage
        self._before = self._behind = b""
        self._written = 0

    def text(self, text: str) -> bytes:
        """A chunk of text, which most are: only the text itself is written anew. Something has `Started`."""
        self._written += len(text)
        return b"".join((self._before, encode_json(text), self._behind))

    def frame(self, event: StreamEvent) -> bytes | None:
        """The chunk of any event; None where it has none."""
        if self._written:
            self._shaper.pass_over(self._written)
            self._written = 0
        chunk = self._shaper.chunk(event)
        if chunk is None:
            return None
        if isinstance(event, Started):
            again = bool(self._before)
            mark = {"choices": [{"index": 0, "delta": {"content": "\n"}, "finish_reason": None}]}
            self._before, _, self._behind = self._encoded(chunk | mark).rpartition(b'"\\n"')
            if again:  # another provider answers; clients would join a second role to the first one
                return None
        return self._encoded(chunk)

    def last(self) -> bytes | None:
        """The usage, where it is known and was asked for."""
        chunk = self._shaper.last() if self._include_usage else None
        return None if chunk is None else self._encoded(chunk)

    def _encoded(self, chunk: dict[str, Any]) -> bytes:
        return b"data: " + encode_json(self._usage | chunk) + b"\n\n"


def _new() -> tuple[str, int]:
    return f"chatcmpl-{os.urandom(16).hex()}", int(time.time())
