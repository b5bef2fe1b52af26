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
    """The live model of a name; without one, the one used last, or the best that there is a key for.

    Args:
        runtime: the application.
        models: the live models there are.
        wanted: a bare name or `provider:name`, or empty.

    Raises:
        UnknownModelError: nobody has it; it names those that are near.
        AIProxyError: whoever might have it could not be asked.
    """
    name = wanted.strip()[:_LONGEST_NAME]
    if not name:
        found = models.offer_for(runtime.settings.current.voice.model) or await _with_key(runtime, models)
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
    language: str = options.language.strip()
    if facts is not None:
        voice = _one_of(voice, facts.voices, f"{offer.name} has no voice")
        language = _one_of(language, facts.languages, f"{offer.name} does not take the language")
        if options.search and not facts.google_search:
            raise RequestError(f"{offer.name} cannot search the web", "Leave --search away.")
    return LiveOptions(
        offer.model,
        voice=voice,
        language=language,
        instructions=options.system,
        google_search=options.search,
    )


def _one_of(wanted: str, known: tuple[str, ...], refusal: str) -> str:
    if not wanted or not known:
        return wanted
    name = wanted.lower()
    for one in known:
        if name in {one.lower(), one.partition("-")[0]}:  # `de` is enough for de-DE
            return one
    shown = ", ".join(known[:_SHOWN_VOICES])
    raise RequestError(f"{refusal} “{wanted[:_LONGEST_NAME]}”", f"It has {shown}.")


async def _with_key(runtime: Runtime, models: VoiceModels) -> VoiceOffer | None:
    states = await runtime.providers.look_up_keys()
    keyed = {state.id for state in states if state.key_source is not None}
    return next((offer for offer in models.all if offer.provider in keyed), models.default)


def _named(models: VoiceModels, name: str) -> VoiceOffer | None:
    found = [offer for offer in models.all if name in {offer.reference, offer.model, offer.name}]
    return next((offer for offer in found if offer.ready), next(iter(found), None))


def _unknown(models: VoiceModels, name: str) -> UnknownModelError:
    references = {offer.model: offer.reference for offer in models.all}
    references |= {offer.reference: offer.reference for offer in models.all}
    near = difflib.get_close_matches(name, references, n=4, cutoff=0.5)
    return UnknownModelError(name, tuple(dict.fromkeys(references[one] for one in near)))
