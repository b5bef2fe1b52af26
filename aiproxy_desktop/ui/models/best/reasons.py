"""Reasons and shortcomings of the ranking, in the person's words. No Qt here."""

from __future__ import annotations

from datetime import date

from aiproxy_desktop.core.ranking import Reason
from aiproxy_desktop.core.shortcomings import Lack
from aiproxy_desktop.ui.models import words
from aiproxy_desktop.ui.moments import day
from aiproxy_desktop.ui.translation import tr


def reason_words(reason: Reason) -> str:
    """What speaks for a model, as a line of a list."""
    return _comparison(reason) if reason.rival else _fact(reason)


def lack_words(lack: Lack) -> str:
    """What a model lacks, as a line of a list."""
    if lack.kind == "capability":
        return _unable(lack.name) if lack.known else _not_known(lack.name)
    if lack.kind in {"context", "output"}:
        has = words.tokens(None if lack.has is None else int(lack.has))
        wanted = words.tokens(int(lack.wanted or 0))
        if lack.kind == "context":
            return tr("Context window: {has} of {wanted}", has=has, wanted=wanted)
        return tr("Output limit: {has} of {wanted}", has=has, wanted=wanted)
    if lack.kind in {"price_input", "price_output"}:
        shown = words.price_a_million(lack.has, local=False)
        return tr("Price in: {price}", price=shown) if lack.kind == "price_input" else _price_out(shown)
    return _other(lack)


def _price_out(shown: str) -> str:
    return tr("Price out: {price}", price=shown)


def _fact(reason: Reason) -> str:
    value = reason.value
    if isinstance(value, date):
        return tr("Its provider ends it on {date}", date=day(value))
    if reason.kind == "price":
        given = words.price_a_million(value, local=False)
        return tr("{price} in, {other} out", price=given, other=words.price_a_million(reason.other, False))
    if reason.kind == "context":
        return tr("Context window of {size}", size=words.tokens(None if value is None else int(value)))
    if reason.kind == "wait":
        return tr("First token after {wait}, as seen here", wait=words.wait(value))
    if reason.kind == "speed":
        return tr("{speed}, as seen here", speed=words.speed(value))
    return tr("Costs nothing") if reason.kind == "free" else tr("Runs on this computer")


def _comparison(reason: Reason) -> str:
    rival, value, than = reason.rival, reason.value, reason.than
    if reason.kind == "cheaper" and than is None:
        return tr("Its price is known, that of {model} is not", model=rival)
    if reason.kind == "larger":
        shown = words.tokens(int(value)) if isinstance(value, int | float) else words.unknown()
        other = words.tokens(int(than)) if isinstance(than, int | float) else words.unknown()
        text = tr("Larger context than {model}: {value}, not {other}")
    elif reason.kind in {"faster", "sooner"}:
        shown, other = _wait(value), _wait(than)
        text = tr("Faster here than {model}: {value}, not {other}")
    elif reason.kind == "newer":
        shown, other = _day(value), _day(than)
        text = tr("Newer than {model}: {value}, not {other}")
    else:
        return {
            # What is compared is a mean of what is read and written, and nobody's price.
            "cheaper": tr("Cheaper than {model}", model=rival),
            "lasts": tr("{model} is about to be retired, this is not", model=rival),
            "local": tr("Runs on this computer, {model} does not", model=rival),
            "remote": tr("Runs elsewhere, as {model} does not", model=rival),
        }.get(reason.kind, tr("Before {model} by the alphabet alone", model=rival))
    if than is None:
        # The other's is not known, or there is nothing of the kind to name.
        return _plainly(reason)
    return text.format_map({"model": rival, "value": shown, "other": other})


def _plainly(reason: Reason) -> str:
    rival = reason.rival
    return {
        "larger": tr("Its context window is known, that of {model} is not", model=rival),
        "faster": tr("Has answered here, {model} not yet", model=rival),
        "sooner": tr("Has answered here, {model} not yet", model=rival),
    }.get(reason.kind, tr("Its date is known, that of {model} is not", model=rival))


def _wait(value: float | date | None) -> str:
    return words.unknown() if value is None or isinstance(value, date) else words.wait(value)


def _day(value: float | date | None) -> str:
    return day(value) if isinstance(value, date) else words.unknown()


def _unable(name: str) -> str:
    return {
        "vision": tr("Does not read images"),
        "audio": tr("Does not read audio"),
        "documents": tr("Does not read PDF"),
        "tools": tr("Calls no tools"),
        "thinking": tr("Does not think first"),
        "json_schema": tr("Keeps to no JSON schema"),
        "images_out": tr("Makes no images"),
        "audio_out": tr("Does not speak"),
    }.get(name, tr("Cannot do it: {ability}", ability=words.capability_words().get(name, name)))


def _not_known(name: str) -> str:
    return {
        "vision": tr("Not known whether it reads images"),
        "audio": tr("Not known whether it reads audio"),
        "documents": tr("Not known whether it reads PDF"),
        "tools": tr("Not known whether it calls tools"),
        "thinking": tr("Not known whether it thinks first"),
        "json_schema": tr("Not known whether it keeps to a JSON schema"),
        "images_out": tr("Not known whether it makes images"),
        "audio_out": tr("Not known whether it speaks"),
    }.get(name, tr("Not known whether it can: {ability}", ability=words.capability_words().get(name, name)))


def _other(lack: Lack) -> str:
    if lack.kind == "retired":
        return words.retires(lack.day, lack.day) or tr("Retired")
    if lack.kind == "wait":
        return tr("First token: {wait}", wait=words.wait(lack.has))
    if lack.kind == "speed":
        return tr("Speed: {speed}", speed=words.speed(lack.has))
    return {
        "provider": tr("Of another provider"),
        "excluded": tr("Left out by name"),
        "elsewhere": tr("Does not run on this computer"),
        "here": tr("Runs on this computer"),
    }[lack.kind]
