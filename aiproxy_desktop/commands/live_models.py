"""Which live model is meant on the command line, and whether it takes what was asked for."""

from __future__ import annotations

import argparse
import difflib

from aiproxy_desktop.core.errors import ConfigurationError, RequestError, UnknownModelError
from aiproxy_desktop.core.live.models import live_model_facts
from aiproxy_desktop.core.live.values import LiveOptions
from aiproxy_desktop.runtime import Runtime
from aiproxy_desktop.services.voice.catalogue import VoiceModels
from aiproxy_desktop.services.voice.values import VoiceOffer

_LONGEST_NAME = 200
_SHOWN_VOICES = 40


async def offer_of(runtime: Runtime, models: VoiceModels, wanted: str) -> VoiceOffer:
    """The live model of a name, or the one used last.

    Args:
        runtime: the application.
        models: the live models there are.
        wanted: a bare name or `provider:name`; empty for the one used last in the window.

    Raises:
        UnknownModelError: nobody has it; it names those that are near.
        AIProxyError: whoever might have it could not be asked.
    """
    name = wanted.strip()[:_LONGEST_NAME]
    if not name:
        found = models.default
        if found is None:
            raise ConfigurationError(
                "There is no live model", "Add a key for Gemini or OpenAI: aiproxy-desktop keys set gemini"
            )
        return found
    found = _named(models, name)
    owner = name.partition(":")[0]
    if found is None and models.offer_for(name) is not None:
        # Newer than the list: ask whoever should have it.
        check = await runtime.providers.test(owner)
        if not check.ok:
            raise ConfigurationError(check.sentence.rstrip("."), check.advice, provider=owner)
        found = _named(models, name)
    if found is None:
        raise _unknown(models, name)
    return found


def live_options(options: argparse.Namespace, offer: VoiceOffer) -> LiveOptions:
    """What the session is asked for.

    Raises:
        RequestError: the model is known not to take it.
    """
    facts = live_model_facts(offer.model)
    voice: str = options.voice.strip()
    if facts is not None:
        voice = _one_of(voice, facts.voices, f"{offer.name} has no voice")
        _one_of(options.language, facts.languages, f"{offer.name} does not take the language")
        if options.search and not facts.google_search:
            raise RequestError(f"{offer.name} cannot search the web", "Leave --search away.")
    return LiveOptions(
        offer.model,
        voice=voice,
        language=options.language.strip(),
        instructions=options.system,
        google_search=options.search,
    )


def _one_of(wanted: str, known: tuple[str, ...], refusal: str) -> str:
    if not wanted or not known:
        return wanted
    for one in known:
        if one.lower() == wanted.lower():
            return one
    shown = ", ".join(known[:_SHOWN_VOICES])
    raise RequestError(f"{refusal} “{wanted[:_LONGEST_NAME]}”", f"It has {shown}.")


def _named(models: VoiceModels, name: str) -> VoiceOffer | None:
    found = [offer for offer in models.all if name in {offer.reference, offer.model, offer.name}]
    return next((offer for offer in found if offer.ready), next(iter(found), None))


def _unknown(models: VoiceModels, name: str) -> UnknownModelError:
    references = {offer.model: offer.reference for offer in models.all}
    references |= {offer.reference: offer.reference for offer in models.all}
    near = difflib.get_close_matches(name, references, n=4, cutoff=0.5)
    return UnknownModelError(name, tuple(dict.fromkeys(references[one] for one in near)))
