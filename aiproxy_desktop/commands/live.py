"""`aiproxy-desktop live`: files of speech to a live model, its answer into a file that the person names."""

from __future__ import annotations

import argparse
import sys
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from aiproxy_desktop.audio.sound_file import MOST_BYTES, MOST_SECONDS, Sound, SoundFormat, decoded, encoded
from aiproxy_desktop.commands.common import StatusLine, note, open_runtime
from aiproxy_desktop.commands.image_targets import cost_text
from aiproxy_desktop.commands.live_models import live_options, offer_of
from aiproxy_desktop.commands.live_talking import Talk
from aiproxy_desktop.commands.output_files import check_folder, check_free
from aiproxy_desktop.core.errors import AIProxyError, RequestError
from aiproxy_desktop.core.live.models import LiveModelFacts
from aiproxy_desktop.core.live.values import OUTPUT_RATE
from aiproxy_desktop.core.redaction import Redactor
from aiproxy_desktop.core.threads import on_thread
from aiproxy_desktop.services.chosen_files import clean_name, read_bounded
from aiproxy_desktop.services.voice.catalogue import VoiceModels
from aiproxy_desktop.services.voice.figures import added, cost_of, tokens_of
from aiproxy_desktop.services.voice.values import VoiceOffer
from aiproxy_desktop.storage.named_files import write_named

_ENDINGS: Final[dict[str, SoundFormat]] = {".wav": "wav", ".wave": "wav", ".flac": "flac"}


async def speak_files(options: argparse.Namespace, redactor: Redactor) -> None:
    """Speak each file in turn, save the answers as one sound, and write them down on standard output.

    Raises:
        AIProxyError: what was given cannot be used, and then nothing was sent; or an answer did not come.
    """
    target = _target(options)
    # Read before anything is asked: a file that is none costs no session.
    given = [await on_thread(partial(_read, path), "sound-files") for path in options.file]
    async with open_runtime(options, redactor) as runtime:
        await runtime.providers.find_plug_ins()
        models = VoiceModels(runtime.providers, runtime.registry, runtime.settings)
        try:
            offer = await offer_of(runtime, models, options.model or "")
            await _talk(options, models, offer, given, target)
        finally:
            models.close()


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the answer goes: a file, or standard output where there is none."""

    path: Path | None
    form: SoundFormat
    force: bool


def _target(options: argparse.Namespace) -> _Target:
    path: Path = options.output
    if str(path) == "-":
        if sys.stdout.isatty():
            raise RequestError("Sound is nothing for a terminal", "Name a file, or send it into a pipe.")
        return _Target(None, "wav", force=True)
    form = _ENDINGS.get(path.suffix.lower())
    if form is None:
        raise RequestError(f"The name “{path.name}” does not tell the format", "End it in .wav or .flac.")
    check_folder(path.parent)
    check_free(path, force=options.force)
    return _Target(path, form, options.force)


def _read(path: Path) -> Sound:
    """What a file holds that is to be spoken. Blocks.

    Raises:
        AIProxyError: it cannot be read, or is no sound.
    """
    name = clean_name(path.name)
    return decoded(read_bounded(path, f"“{name}”", MOST_BYTES), name)


async def _talk(
    options: argparse.Namespace,
    models: VoiceModels,
    offer: VoiceOffer,
    given: list[Sound],
    target: _Target,
) -> None:
    from aiproxy_desktop.core.live.policy import LivePolicy
    from aiproxy_desktop.core.live.session import LiveSession

    service = models.service_of(offer)
    if service is None:
        raise AIProxyError(f"{offer.provider_label} is gone", "Try again.")
    policy = LivePolicy(
        open_seconds=options.timeout,
        give_up_seconds=options.timeout,
        network_breaks=5,  # nobody is there who could wait longer, or end it
        kept_seconds=MOST_SECONDS + 60,
    )
    session = LiveSession(service, live_options(options, offer), policy=policy)
    questions = [await on_thread(partial(one.at, session.input_rate), "sound-files") for one in given]
    line = StatusLine()
    line.show(f"{offer.name}: connecting")
    try:
        await session.start()
        talk = Talk(session, service.label, options.timeout, lambda text: line.show(f"{offer.name}: {text}"))
        async with aclosing(talk):
            try:
                for question in questions:
                    await talk.ask(question.pcm, words=options.transcript)
                    line.end()
                    _write_down(talk, options, target)
            finally:
                line.end()
                # Interrupted or not: what has come is paid for.
                await _save(talk, target)
    finally:
        line.end()
        await session.aclose()
    note(_figures(talk, sum(question.seconds for question in questions), offer.facts))


def _write_down(talk: Talk, options: argparse.Namespace, target: _Target) -> None:
    turn = talk.turns[-1]
    out = sys.stdout if target.path is not None else sys.stderr
    answer = " ".join((turn.answer or turn.written).split())
    if options.transcript:
        question = " ".join(turn.question.split())
        out.write(f"You: {question}\nAnswer: {answer}\n")
    elif answer:
        out.write(f"{answer}\n")
    out.flush()
    for source in turn.sources:
        note(f"Source: {source.title} {source.url}".replace("  ", " "))
    if turn.ended_early:
        note(f"The answer ended early ({turn.ended_early}).")


async def _save(talk: Talk, target: _Target) -> None:
    """Write the answers to where they go.

    Raises:
        AIProxyError: they hold no sound, or cannot be written.
    """
    pcm = b"".join(turn.sound for turn in talk.turns)
    if not pcm:
        if all(turn.done for turn in talk.turns):
            raise AIProxyError("The answer came without sound", "Try again, or choose another model.")
        return  # an error is under way that says more

    def write() -> None:
        data = encoded(pcm, OUTPUT_RATE, target.form)
        if target.path is None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
            return
        check_free(target.path, force=target.force)
        write_named(target.path, data)

    await on_thread(write, "sound-write")
    if not all(turn.done for turn in talk.turns):
        note(f"What had come of the answer is saved ({Sound(pcm, OUTPUT_RATE).seconds:.1f} s).")


def _figures(talk: Talk, asked: float, facts: LiveModelFacts) -> str:
    usage = added(turn.usage for turn in talk.turns if turn.usage is not None)
    answered = sum(len(turn.sound) for turn in talk.turns) / (2 * OUTPUT_RATE)
    count = tokens_of(usage)
    tokens = f"{count:,} tokens" if count is not None else "tokens unknown"
    return f"asked {asked:.1f} s, answered {answered:.1f} s, {tokens}, {cost_text(cost_of(usage, facts))}"
