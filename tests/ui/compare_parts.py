"""Four models on this machine that answer side by side, each by a script of its own."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import StreamEvent
from aiproxy_desktop.core.messages import CompletionRequest
from aiproxy_desktop.core.models import Capabilities, ModelInfo
from tests.ui.chat_parts import LocalScript, answer
from tests.ui.chat_window import Window, opened

NAMES = ("ada", "bea", "cleo", "dora")
REFERENCES = tuple(f"builtin:{name}" for name in NAMES)


class Quartet(LocalScript):
    """Stands where the built-in model stands; `scripts` and `delays` are by model."""

    def __init__(self) -> None:
        super().__init__(answer("Good day"))
        self.scripts: dict[str, tuple[StreamEvent | AIProxyError, ...]] = {}
        self.delays: dict[str, float] = {}
        self.able: dict[str, Capabilities] = {}

    async def stream(self, request: CompletionRequest) -> AsyncGenerator[StreamEvent]:
        """Play the script of the model that is asked."""
        one = LocalScript(
            self.scripts.get(request.model, answer(f"I am {request.model}.")),
            self.delays.get(request.model, 0.0),
        )
        self.requests.append(request)
        async with aclosing(one.stream(request)) as events:
            async for event in events:
                yield event

    async def list_models(self) -> tuple[ModelInfo, ...]:
        """All four."""
        return tuple(
            ModelInfo(
                name,
                "builtin",
                name.capitalize(),
                local=True,
                capabilities=self.able.get(name, Capabilities()),
            )
            for name in NAMES
        )


@asynccontextmanager
async def compared(folder: Path, models: int = 4) -> AsyncIterator[tuple[Window, Quartet]]:
    """The window in compare mode, with this many models chosen and nothing asked yet."""
    async with opened(folder) as window:
        quartet = Quartet()
        await window.parts.registry.replace(quartet)
        await window.parts.providers.refresh("builtin")
        window.window.resize(1280, 800)
        window.parts.view_model.models.pick(REFERENCES[0])
        window.page.compare.begin()
        for reference in REFERENCES[1:models]:
            window.parts.view_model.comparing.add_model(reference)
        yield window, quartet
