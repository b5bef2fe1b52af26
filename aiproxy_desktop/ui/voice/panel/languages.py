"""Languages by the names their speakers give them. QtCore only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QLocale

from aiproxy_desktop.ui.translation import tr

# Codes of countries that nobody says.
_SPOKEN_CODES = {"GB": "UK"}


def language_rows(tags: Sequence[str], own: QLocale | None = None) -> list[tuple[str, str]]:
    """What to choose from, as (tag, name): as it is spoken first, then the person's own, then by name.

    Args:
        tags: BCP 47.
        own: whose language is the person's; None asks the system.
    """
    locales = {tag: _locale(tag) for tag in tags}
    # Of a language that is there once, its country would say nothing.
    several = Counter(locale.language() for locale in locales.values())
    named = [
        (tag, language_name(tag, country=several[locale.language()] > 1)) for tag, locale in locales.items()
    ]
    own = own or QLocale.system()

    def place(row: tuple[str, str]) -> tuple[int, str]:
        locale = locales[row[0]]
        near = (locale.language() != own.language()) + (locale.name() != own.name())
        return near, row[1].casefold()

    return [("", tr("As spoken")), *sorted(named, key=place)]


def short_name(tag: str) -> str:
    """For a narrow field: `English, UK`; as it is spoken where there is none."""
    if not tag:
        return tr("As spoken")
    name, code = language_name(tag, country=False), QLocale.territoryToCode(_locale(tag).territory())
    return tr("{language}, {country}", language=name, country=_SPOKEN_CODES.get(code, code)) if code else name


def language_name(tag: str, *, country: bool = True) -> str:
    """`Deutsch`, or with its country `Deutsch, Österreich`; a tag that Qt does not know stays as it is."""
    locale = _locale(tag)
    if locale.language() == QLocale.Language.C:
        return tag
    # Some countries' ways have names of their own, "American English": the shortest is the plain one.
    kin = QLocale.matchingLocales(locale.language(), locale.script(), QLocale.Country.AnyCountry)
    names = filter(None, (one.nativeLanguageName() for one in kin))
    name = min(names, key=len, default="") or QLocale.languageToString(locale.language())
    name = name[:1].upper() + name[1:]
    where = locale.nativeTerritoryName()
    return tr("{language}, {country}", language=name, country=where) if country and where else name


def _locale(tag: str) -> QLocale:
    # Mandarin has a code of its own, which Qt does not know.
    return QLocale(f"zh{tag.removeprefix('cmn')}" if tag.startswith("cmn") else tag)
