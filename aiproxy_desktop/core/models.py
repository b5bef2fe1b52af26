"""What is known about a model."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model as one provider offers it. None means unknown, never zero or no.

    `id` is the provider's own name for it; `reference` is unambiguous over all providers.
    """

    id: str
    provider: str
    display_name: str
    context_window: int | None = None
    output_limit: int | None = None
    size_bytes: int | None = None
    local: bool = False

    @property
    def reference(self) -> str:
        """`provider:id`, which the router always resolves to this model."""
        return f"{self.provider}:{self.id}"
