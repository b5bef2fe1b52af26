"""A server of the local API that listens nowhere, for whoever tests what is above it."""

from __future__ import annotations

import errno
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.storage.api_settings import ApiSettings


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of it."""

    kind: Literal["start", "apply", "stop"]
    settings: ApiSettings | None = None
    token: str | None = None


@dataclass
class PlayedRunner:
    """Remembers its calls. `taken` are ports where another program is, `refusal` what it answers instead."""

    taken: set[int] = field(default_factory=set)
    refusal: AIProxyError | None = None
    calls: list[Call] = field(default_factory=list)
    running: bool = False
    on_ended: Callable[[str], None] | None = None

    async def start(self, settings: ApiSettings, token: str | None) -> str:
        """As a runner does."""
        assert not self.running
        if settings.port in self.taken:
            raise OSError(errno.EADDRINUSE, "Address already in use")
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(Call("start", settings, token))
        self.running = True
        return f"http://127.0.0.1:{settings.port}"

    async def apply(self, settings: ApiSettings, token: str | None) -> None:
        """As a runner does."""
        assert self.running
        if self.refusal is not None:
            raise self.refusal
        self.calls.append(Call("apply", settings, token))

    async def stop(self) -> None:
        """As a runner does: harmless where nothing runs."""
        if self.running:
            self.calls.append(Call("stop"))
        self.running = False

    def end(self, sentence: str) -> None:
        """End without being told to."""
        self.running = False
        assert self.on_ended is not None
        self.on_ended(sentence)

    def kinds(self) -> list[str]:
        """What was asked of it, in order."""
        return [call.kind for call in self.calls]
