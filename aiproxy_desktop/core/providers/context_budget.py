"""Room in a context that several requests share: who would not fit beside the others waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiproxy_desktop.core.messages import (
    CompletionRequest,
    MediaPart,
    Part,
    ReasoningPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from aiproxy_desktop.core.text_documents import document_text
from aiproxy_desktop.core.wire_json import encode_json

# What a chat template puts round one message and round them all, at most.
_TOKENS_ROUND_MESSAGE = 16
_TOKENS_ROUND_ALL = 64


class ContextBudget:
    """So many tokens, handed out in the order in which they are asked for."""

    def __init__(self, tokens: int) -> None:
        self._tokens = tokens
        self._free = tokens
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def reserved(self, tokens: int) -> AsyncIterator[None]:
        """Hold so many tokens for the block; wait for them first. More than there are means all."""
        wanted = min(tokens, self._tokens)
        await self._take(wanted)
        try:
            yield
        finally:
            self._give_back(wanted)

    async def _take(self, wanted: int) -> None:
        if not self._waiting and wanted <= self._free:
            self._free -= wanted
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._give_back(wanted)  # its turn had just come
            else:
                self._give_back(0)  # whoever stood behind may fit
            raise

    def _give_back(self, tokens: int) -> None:
        self._free += tokens
        while self._waiting:
            wanted, turn = self._waiting[0]
            if not turn.cancelled():
                if wanted > self._free:
                    return
                self._free -= wanted
                turn.set_result(None)
            self._waiting.popleft()


def most_tokens(request: CompletionRequest, answer: int) -> int:
    """An upper bound of what a request takes: no token is shorter than a byte."""
    around = len(request.messages) * _TOKENS_ROUND_MESSAGE + _TOKENS_ROUND_ALL
    return text_bytes(request) + around + answer


def text_bytes(request: CompletionRequest) -> int:
    """Bytes (UTF-8) of all that a model reads as text: messages, tool calls and results, tools."""
    size = sum(_part_bytes(part) for message in request.messages for part in message.parts)
    for tool in request.tools:
        size += len(encode_json(_tool_words(tool) if isinstance(tool, Tool) else tool.spec))
    return size


def media_count(request: CompletionRequest) -> int:
    """How many images, sounds and the like it holds; text documents are text."""
    parts = (part for message in request.messages for part in message.parts)
    return sum(isinstance(part, MediaPart) and document_text(part) is None for part in parts)


def _part_bytes(part: Part) -> int:
    if isinstance(part, TextPart):
        return _size(part.text)
    if isinstance(part, ToolCallPart):
        return _size(part.name) + _size(part.arguments)
    if isinstance(part, ToolResultPart):
        return _size(part.name) + _size(part.content)
    if isinstance(part, ReasoningPart):
        return _size(part.text)
    if isinstance(part, MediaPart):
        text = document_text(part)
        return 0 if text is None else _size(text)
    return 0


def _tool_words(tool: Tool) -> list[object]:
    return [tool.name, tool.description, tool.parameters]


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
