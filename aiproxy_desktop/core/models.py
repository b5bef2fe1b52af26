"""What is known about a model."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can do. None means unknown, never no.

    `vision`, `audio`, `video` and `documents` are what it reads besides text; `images_out` and
    `audio_out` what it makes. `sampling` is whether it takes a temperature.
    """

    vision: bool | None = None
    audio: bool | None = None
    video: bool | None = None
    documents: bool | None = None
    tools: bool | None = None
    json_mode: bool | None = None
    json_schema: bool | None = None
    streaming: bool | None = None
    thinking: bool | None = None
    sampling: bool | None = None
    web_search: bool | None = None
    images_out: bool | None = None
    audio_out: bool | None = None

    @property
    def multimodal(self) -> bool | None:
        """Whether it reads anything besides text."""
        known = [one for one in (self.vision, self.audio, self.video, self.documents) if one is not None]
        return any(known) if known else None

    def over(self, other: Capabilities) -> Capabilities:
        """These, and where they are unknown the other's."""
        return Capabilities(
            **{
                one.name: getattr(other if getattr(self, one.name) is None else self, one.name)
                for one in fields(self)
            }
        )

    def as_dict(self) -> dict[str, bool | None]:
        """By name, `multimodal` included."""
        return {one.name: getattr(self, one.name) for one in fields(self)} | {"multimodal": self.multimodal}


UNKNOWN_CAPABILITIES = Capabilities()


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars for a million tokens. None is unknown, never free."""

    input: float | None = None
    output: float | None = None
    cached_input: float | None = None


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as one provider offers it. None means unknown, never zero or no.

    `id` is the provider's own name for it; `reference` is unambiguous over all providers.
    `context_window` and `output_limit` are in tokens; `retires_on` is when the provider ends it.
    `size_bytes`, `parameters` ("7.6B") and `quantization` describe a file on this machine. `vendor` is whose
    models a provider of another id has: "gemini" where it is a second account of that.
    """

    id: str
    provider: str
    display_name: str
    context_window: int | None = None
    output_limit: int | None = None
    size_bytes: int | None = None
    local: bool = False
    capabilities: Capabilities = UNKNOWN_CAPABILITIES
    price: Price | None = None
    released_on: date | None = None
    retires_on: date | None = None
    description: str = ""
    parameters: str = ""
    quantization: str = ""
    vendor: str = ""

    @property
    def maker(self) -> str:
        """The id under which tables and rules know its provider."""
        return self.vendor or self.provider

    @property
    def reference(self) -> str:
        """`provider:id`, which the router always resolves to this model."""
        return f"{self.provider}:{self.id}"

    @property
    def free(self) -> bool:
        """Whether it is known to cost nothing: it runs here, or on a server of one's own."""
        price = self.price
        return self.local or (price is not None and price.input == 0 and price.output == 0)

    @property
    def name(self) -> str:
        """The display name, as the seed calls it."""
        return self.display_name

    @property
    def context_limit(self) -> int | None:
        """The context window, as the seed calls it."""
        return self.context_window
