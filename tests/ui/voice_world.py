"""The application on its voice tab, with live services on loopback and devices of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from aiproxy_desktop.services.voice.values import VoiceTurn
from aiproxy_desktop.ui.voice.page import VoicePage
from aiproxy_desktop.ui.voice.viewmodel import VoiceViewModel
from tests.application import Person, running
from tests.ui.transcript_parts import xdotool
from tests.waiting import until

KEY = "AIza-test-1234567890"


def gemini_at(url: str) -> dict[str, str]:
    """The variables that put Gemini there."""
    return {"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": url}


@dataclass
class Voice:
    """Someone in front of the voice tab."""

    person: Person
    page: VoicePage

    @property
    def vm(self) -> VoiceViewModel:
        return self.page.view_model

    @property
    def turns(self) -> list[VoiceTurn]:
        """What either side said."""
        return [entry for entry in self.vm.entries if isinstance(entry, VoiceTurn)]

    async def hold(self) -> None:
        """Hold Space down, and wait until sound is sent."""
        await xdotool("keydown", "space")
        await until(lambda: self.vm.state.talking, "the person talks")

    async def let_go(self) -> None:
        """Let it go."""
        await xdotool("keyup", "space")
        await until(lambda: not self.vm.state.talking, "the person has talked")

    async def write(self, text: str) -> None:
        """A turn in writing."""
        await self.person.click("voice.composer")
        await self.person.write(text)
        await self.person.press("Return")

    async def answered(self, count: int) -> None:
        """Until so many answers are whole or cut."""
        await until(
            lambda: sum(turn.role == "model" and turn.status != "live" for turn in self.turns) >= count,
            f"{count} answers",
        )


@asynccontextmanager
async def voice_tab(
    home: Path, patch: pytest.MonkeyPatch, environ: Mapping[str, str]
) -> AsyncIterator[Voice]:
    """The application on its voice tab, with these variables set, once a model can be talked with."""
    for name, value in environ.items():
        patch.setenv(name, value)
    async with running(home) as person:
        person.window.show_page("voice")
        page = person.window.page("voice")
        assert isinstance(page, VoicePage)
        vm = page.view_model
        await until(lambda: vm.offer is not None and vm.offer.ready, "a model to talk with")
        yield Voice(person, page)
