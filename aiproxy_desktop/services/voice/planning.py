"""From the tab's settings to what a session is asked for."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from aiproxy_desktop.audio.recording import file_name
from aiproxy_desktop.core.live.codec import LiveAddress, LiveCodec, LiveService
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.services.voice.functions import APP_FUNCTIONS, declared
from aiproxy_desktop.services.voice.session import SessionPlan
from aiproxy_desktop.services.voice.values import VoiceOffer
from aiproxy_desktop.storage.voice_settings import VoiceSettings


class AskedOnLoop:
    """A service whose keys are asked on another loop than the session's: the keyring belongs to that one."""

    def __init__(self, service: LiveService, loop: asyncio.AbstractEventLoop) -> None:
        self._service = service
        self._loop = loop

    @property
    def provider(self) -> str:
        """Its provider's id."""
        return self._service.provider

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self._service.label

    async def address(self, options: LiveOptions) -> LiveAddress:
        """Where to connect now; as `LiveService.address`."""
        asked = asyncio.run_coroutine_threadsafe(self._service.address(options), self._loop)
        return await asyncio.wrap_future(asked)

    def codec(self) -> LiveCodec:
        """For one connection."""
        return self._service.codec()


def plan_of(
    settings: VoiceSettings, offer: VoiceOffer, service: LiveService, recordings: Path
) -> SessionPlan:
    """What a session with these settings is.

    Args:
        settings: how the tab stands.
        offer: whom to talk with.
        service: its service.
        recordings: the folder of recordings.

    Raises:
        InvalidRequestError: the declarations of functions cannot be used.
    """
    facts = offer.facts
    by_hand = declared(settings.declarations) if facts.functions else ()
    own = {one.name: one for one in APP_FUNCTIONS if facts.functions and one.name in settings.functions}
    options = LiveOptions(
        offer.model,
        mode=settings.mode,
        voice=settings.voices.get(offer.model, ""),
        language=settings.language,
        instructions=settings.instructions,
        functions=(*(one.declaration for one in own.values()), *by_hand),
        google_search=settings.google_search and facts.google_search,
        code_execution=settings.code_execution and facts.code_execution,
    )
    form = settings.recording
    return SessionPlan(
        service,
        options,
        facts,
        functions=own,
        declared=frozenset(one.name for one in by_hand),
        microphone=settings.microphone,
        speaker=settings.speaker,
        volume=settings.volume / 100,
        recording=(recordings / file_name(datetime.now().astimezone(), form), form) if form else None,
    )


def changed_plan(
    former: SessionPlan, settings: VoiceSettings, offer: VoiceOffer, recordings: Path
) -> SessionPlan:
    """The plan of a session under way with other settings; its model stays, and so does a recording's file.

    Raises:
        InvalidRequestError: as `plan_of`.
    """
    plan = plan_of(settings, offer, former.service, recordings)
    if plan.recording is not None and former.recording is not None:
        return replace(plan, recording=former.recording)
    return plan
