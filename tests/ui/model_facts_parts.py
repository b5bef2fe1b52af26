"""A few models of real provider states, with a history and settings of their own, for the side panels."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiproxy_desktop.core.administration import ModelDetails
from aiproxy_desktop.core.catalog import Catalog
from aiproxy_desktop.core.errors import AIProxyError
from aiproxy_desktop.core.events import Usage
from aiproxy_desktop.core.latency import LatencyBook
from aiproxy_desktop.core.models import Capabilities, ModelInfo, Price
from aiproxy_desktop.core.registry import Registry
from aiproxy_desktop.core.testing import ScriptedProvider
from aiproxy_desktop.services.model_facts import ModelFactsService
from aiproxy_desktop.services.provider_states import ProviderState, ProviderStatus
from aiproxy_desktop.services.settings import SettingsService
from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.conversations import ConversationStore
from aiproxy_desktop.storage.database import Database
from aiproxy_desktop.storage.records import Outcome
from aiproxy_desktop.storage.settings import SettingsStore
from aiproxy_desktop.storage.usage import UsageStore
from tests.waiting import until

LONG_NAME = "qwen2.5-coder-with-a-very-long-name-that-goes-on-and-on:7b-instruct-q4_K_M"
SOL = ModelInfo(
    *("sol", "openai", "Sol", 400_000, 128_000),
    capabilities=Capabilities(vision=True, tools=True, streaming=True, audio=False),
    price=Price(0.6, 2.4),
)
LUNA = ModelInfo(
    *("luna", "openai", "Luna", 128_000),
    capabilities=Capabilities(vision=False, tools=True, streaming=True),
    price=Price(0.1, 0.4),
)
QWEN = ModelInfo(
    *(LONG_NAME, "ollama", LONG_NAME, 32_768),
    size_bytes=4_700_000_000,
    local=True,
    capabilities=Capabilities(tools=True, streaming=True),
    price=Price(0.0, 0.0),
    parameters="7.6B",
    quantization="Q4_K_M",
)
PAINTER = ModelInfo(
    *("painter", "openai", "Painter"),
    capabilities=Capabilities(images_out=True, streaming=False),
)
LICENSE = "A LICENCE OF ITS OWN\nVersion 1\n\nYou may.\n" + "And so on.\n" * 60


class Telling(ScriptedProvider):
    """Tells more of its models when it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__((), id=name)
        self.failure: AIProxyError | None = None
        self.license = LICENSE
        self.asked: list[str] = []

    async def show(self, model: str) -> ModelDetails:
        self.asked.append(model)
        if self.failure is not None:
            raise self.failure
        return ModelDetails(
            *(replace(QWEN, id=model), "qwen2", self.license),
            template="{{ .Prompt }}",
            defaults="temperature 0.6\nstop <|im_end|>",
            modified_at=datetime(2026, 9, 18, tzinfo=UTC),
        )


class Listing:
    """The states that the test sets, and the default that follows from them."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings
        self._told: Subscribers[[]] = Subscribers()
        self.now_states: tuple[ProviderState, ...] = (
            ProviderState(
                *("openai", "OpenAI", "openai", "ready"),
                models=(SOL, LUNA, PAINTER),
                reported=(replace(SOL, output_limit=None, price=None), LUNA, PAINTER),
                base_url="https://api.openai.com/v1",
                listed_at=datetime.now(UTC) - timedelta(minutes=2, seconds=5),
            ),
            ProviderState(
                *("ollama", "Ollama", "ollama", "ready"),
                models=(QWEN,),
                reported=(replace(QWEN, price=None),),
                base_url="http://127.0.0.1:11434",
            ),
        )

    def states(self) -> tuple[ProviderState, ...]:
        return self.now_states

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        return self._told.add(callback)

    def default_model(self) -> ModelInfo | None:
        known = [model for state in self.now_states for model in state.models]
        return next((model for model in known if model.reference == self._settings.current.model), None)

    def set_status(self, provider_id: str, status: ProviderStatus) -> None:
        self.now_states = tuple(
            replace(state, status=status) if state.id == provider_id else state for state in self.now_states
        )
        self._told()

    def set_models(self, provider_id: str, *models: ModelInfo) -> None:
        self.now_states = tuple(
            replace(state, models=models) if state.id == provider_id else state for state in self.now_states
        )
        self._told()


@dataclass
class FactsParts:
    """What a side panel's view-model is made of."""

    providers: Listing
    settings: SettingsService
    facts: ModelFactsService
    telling: Telling
    history: ConversationStore
    answered: Subscribers[[str]]
    latency: LatencyBook
    unexpected: list[Exception] = field(default_factory=list)

    async def answer(self, reference: str, cost: float | None = 0.25) -> None:
        """Put an answer into the history, as a chat does."""
        turn = await self.history.add_turn("Question", reference, title="T")
        first = turn.answer.created_at + timedelta(seconds=0.6)
        usage = Usage(1_200, 300)
        await self.history.finish(
            turn.answer.id, Outcome("complete", usage=usage, first_token_at=first, cost=cost), "Answer"
        )
        self.answered(turn.answer.id)
        await until(lambda: self.facts.usage(reference) is not None, "the answer is counted")


@asynccontextmanager
async def facts_parts(folder: Path) -> AsyncIterator[FactsParts]:
    """Wire up what is under the panels, and take it down again."""
    database = await Database.open(folder / "conversations.db")
    settings = SettingsService(SettingsStore(folder / "settings.json"))
    telling = Telling("ollama")
    answered: Subscribers[[str]] = Subscribers()
    latency = LatencyBook()
    unexpected: list[Exception] = []
    facts = ModelFactsService(
        *(UsageStore(database), answered, Registry((telling,), catalog=Catalog())),
        latency,
        unexpected.append,
    )
    facts.start()
    try:
        yield FactsParts(
            *(Listing(settings), settings, facts, telling),
            *(ConversationStore(database), answered, latency, unexpected),
        )
    finally:
        await facts.close()
        await database.close()
    assert unexpected == []
