"""An answer in pieces, as a behaviour wants them."""

from __future__ import annotations

from collections.abc import Iterator

from tests.live_servers.behaviour import Behaviour
from tests.live_servers.connected import Step, Turn
from tests.live_servers.sound import pieces, resampled, tone


def words_of(behaviour: Behaviour, turn: Turn) -> str:
    """What is said to a turn."""
    return behaviour.answer.replace("{n}", str(turn.number)).replace("{text}", turn.text)


def steps_of(behaviour: Behaviour, turn: Turn, fault: str, input_rate: int) -> Iterator[Step]:
    """An answer in pieces, after the calls that it needs."""
    text = words_of(behaviour, turn)
    if behaviour.search:
        yield Step("search", text=turn.text)
    if behaviour.program:
        yield Step("program")
    if behaviour.written:
        half = len(text) // 2
        yield Step("text", text=text[:half])
        yield Step("text", text=text[half:], last=True)
        return
    words = [Step("words", text=part) for part in _parted(text)] + [Step("words", last=True)]
    heard = [Step("heard", text=turn.text, last=True, item=turn.item)] if turn.kind == "speech" else []
    sound = [Step("sound", sound=part) for part in _sound(behaviour, turn, fault, input_rate)]
    order = behaviour.transcripts
    if order == "before":
        yield from (*heard, *words, *sound)
    elif order == "between":
        middle = max(1, len(sound) // 2)
        yield from (*sound[:1], *heard, *words[:1], *sound[1:middle], *words[1:], *sound[middle:])
    elif order == "after":
        yield from (*sound, *words, *heard)
    else:
        yield from sound


def late_steps(behaviour: Behaviour, turn: Turn) -> Iterator[Step]:
    """What comes after the turn is over."""
    if behaviour.transcripts == "late" and not behaviour.written:
        if turn.kind == "speech":
            yield Step("heard", text=turn.text, last=True, item=turn.item)
        yield Step("words", text=words_of(behaviour, turn), last=True)


def _sound(behaviour: Behaviour, turn: Turn, fault: str, input_rate: int) -> list[bytes]:
    if fault == "flood":
        return [bytes(96)] * 20_000
    made = resampled(turn.pcm, input_rate) if behaviour.echo and turn.pcm else tone(behaviour.length)
    if fault == "quiet":
        made = bytes(len(made))
    if fault == "half":
        return [made[start : start + 961] for start in range(0, len(made), 961)]
    return pieces(made, behaviour.piece)


def _parted(text: str) -> list[str]:
    """The words of a text, two at a time, with the spaces between them."""
    words = text.split(" ")
    last = len(words) - 2
    return [" ".join(words[at : at + 2]) + (" " if at < last else "") for at in range(0, len(words), 2)]
