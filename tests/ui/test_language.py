"""The person's language at the start."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from PySide6.QtCore import QCoreApplication, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from aiproxy_desktop.ui.language import take_up, wanted_languages
from aiproxy_desktop.ui.translation import DOMAIN, tr, use
from tests.guards import LogGuard


@pytest.fixture(autouse=True)
def _as_before(qapp: QApplication) -> Iterator[None]:
    yield
    use(None)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()


def catalog(folder: Path, language: str) -> None:
    words = Catalog(locale=language)
    words.add("Send", f"Send in {language}")
    path = folder / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, words)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({"LANG": "de_AT.UTF-8"}, ["de_AT", "de"]),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "fr:it_CH"}, ["fr", "it_CH", "it"]),
        ({"LC_ALL": "C", "LANG": "de_DE"}, []),
        ({"LANG": "sr_RS@latin"}, ["sr_RS", "sr"]),
        ({"LANGUAGE": "en_GB:de"}, []),
        ({"LANG": ""}, ["pt_BR", "pt"]),
        ({}, ["pt_BR", "pt"]),
    ],
)
def test_the_environment_decides_before_the_system(environ: dict[str, str], wanted: list[str]) -> None:
    assert wanted_languages(environ, ["pt-BR", "en-US"]) == wanted


def test_a_language_is_taken_up_with_its_direction(tmp_path: Path, qapp: QApplication) -> None:
    catalog(tmp_path, "ar")
    assert take_up(qapp, tmp_path, {"LANGUAGE": "ar_EG"}) == "ar"
    assert tr("Send") == "Send in ar"
    assert qapp.layoutDirection() == Qt.LayoutDirection.RightToLeft


def test_words_stay_in_their_direction_where_nobody_translated_them(
    tmp_path: Path, qapp: QApplication
) -> None:
    assert take_up(qapp, tmp_path, {"LANGUAGE": "ar"}) == ""
    assert qapp.layoutDirection() == Qt.LayoutDirection.LeftToRight


def test_qts_own_words_are_translated_with_ours(tmp_path: Path, qapp: QApplication) -> None:
    catalog(tmp_path, "de")
    take_up(qapp, tmp_path, {"LANG": "de_DE.UTF-8"})
    assert QCoreApplication.translate("QLineEdit", "&Copy") == "&Kopieren"


def test_a_broken_catalogue_does_not_keep_the_window_shut(
    tmp_path: Path, qapp: QApplication, expected_logs: LogGuard
) -> None:
    expected_logs.expect("the catalogue for de_DE, de cannot be read")
    path = tmp_path / "de" / "LC_MESSAGES" / f"{DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"nothing of the kind")
    assert take_up(qapp, tmp_path, {"LANG": "de_DE"}) == ""
    assert tr("Send") == "Send"


def test_english_costs_no_import() -> None:
    program = (
        "import os, sys; from pathlib import Path; from PySide6.QtWidgets import QApplication;"
        "from aiproxy_desktop.ui.language import take_up; before = set(sys.modules);"
        "take_up(QApplication(['x', '-platform', 'offscreen']), Path('resources/locale'), {'LANG': 'fr_FR'});"
        "print(sorted(name for name in set(sys.modules) - before if 'encodings' not in name))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
