"""Room in a context that several requests share: who would not fit beside the others waits for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from aiproxy_desktop.core.messages import Message

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


def most_tokens(messages: Sequence[Message], answer: int) -> int:
    """An upper bound of what a request takes: no token is shorter than a byte."""
    size = sum(len(message.text.encode("utf-8", "replace")) for message in messages)
    return size + len(messages) * _TOKENS_ROUND_MESSAGE + _TOKENS_ROUND_ALL + answer
