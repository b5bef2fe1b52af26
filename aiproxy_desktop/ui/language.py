"""The person's language, taken up once at the start: our words, Qt's own, and the direction of reading."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt

from aiproxy_desktop.ui import translation

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_log = logging.getLogger(__name__)


def wanted_languages(environ: Mapping[str, str], system: Sequence[str]) -> list[str]:
    """Languages to look for, the most wanted first: `pt_BR`, then `pt`. English, the source, ends the list.

    Args:
        environ: where the first of LANGUAGE, LC_ALL, LC_MESSAGES and LANG decides, as in gettext.
        system: what the system's settings say, where the environment says nothing (`pt-BR`).
    """
    said = next((environ[name] for name in _VARIABLES if environ.get(name)), None)
    names = said.split(":") if said is not None else system
    found: dict[str, None] = {}
    for name in names:
        whole = name.split(".")[0].split("@")[0].replace("-", "_")
        if whole.split("_")[0] in {"en", "C", "POSIX"}:
            break
        found |= dict.fromkeys(one for one in (whole, whole.split("_")[0]) if one)
    return list(found)


def take_up(application: QApplication, folder: Path, environ: Mapping[str, str]) -> str:
    """Speak the person's language where `folder` has a catalogue for it, and read in its direction.

    Returns:
        the language, empty for English.
    """
    wanted = wanted_languages(environ, QLocale.system().uiLanguages())
    try:
        language = translation.install(folder, wanted)
    except OSError as error:
        # A broken catalogue is no reason not to open.
        _log.warning("the catalogue for %s cannot be read: %s", ", ".join(wanted), error)
        return ""
    if not language:
        return ""
    locale = QLocale(language)
    if locale.textDirection() == Qt.LayoutDirection.RightToLeft:
        application.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    _translate_qt(application, locale)
    return language


def _translate_qt(application: QApplication, locale: QLocale) -> None:
    """The words of Qt's own dialogs and menus."""
    from PySide6.QtCore import QLibraryInfo, QTranslator

    translator = QTranslator(application)
    if translator.load(locale, "qtbase", "_", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
