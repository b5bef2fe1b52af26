"""Saved prompts and personas: one current list of each, heard of by whoever subscribes."""

from __future__ import annotations

from collections.abc import Callable

from aiproxy_desktop.services.subscribers import Subscribers
from aiproxy_desktop.storage.presets import Persona, PresetStore, Prompt


class PresetService:
    """What is kept, at hand without waiting once `load` was awaited."""

    def __init__(self, store: PresetStore) -> None:
        self._store = store
        self._prompts: tuple[Prompt, ...] = ()
        self._personas: tuple[Persona, ...] = ()
        self._changed: Subscribers[[]] = Subscribers()

    @property
    def prompts(self) -> tuple[Prompt, ...]:
        """In the order of their names."""
        return self._prompts

    @property
    def personas(self) -> tuple[Persona, ...]:
        """In the order of their names."""
        return self._personas

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call after each change; the answer unsubscribes."""
        return self._changed.add(callback)

    async def load(self) -> None:
        """Read what is kept.

        Raises:
            StorageError: it cannot be read.
        """
        self._prompts, self._personas = await self._store.prompts(), await self._store.personas()
        self._changed()

    async def save_prompt(self, prompt: Prompt) -> Prompt:
        """Keep a prompt, new or instead of the one with its id.

        Raises:
            NameMissingError, NameTakenError: the name cannot be used.
            StorageError: it cannot be written.
        """
        kept = await self._store.save_prompt(prompt)
        await self.load()
        return kept

    async def save_persona(self, persona: Persona) -> Persona:
        """Keep a persona; see `save_prompt`."""
        kept = await self._store.save_persona(persona)
        await self.load()
        return kept

    async def delete_prompt(self, prompt_id: str) -> None:
        """Remove it; saving it again, id and all, brings it back.

        Raises:
            StorageError: it cannot be removed.
        """
        await self._store.delete_prompt(prompt_id)
        await self.load()

    async def delete_persona(self, persona_id: str) -> None:
        """Remove it; see `delete_prompt`."""
        await self._store.delete_persona(persona_id)
        await self.load()
