"""Words that can be translated: the template, the catalogues, and the plural forms."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from aiproxy_desktop.ui import translation
from aiproxy_desktop.ui.translation import install, tr, tr_count, use
from tests.source import REPOSITORY


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use(None)


def catalog(folder: Path, language: str) -> None:
    """A small translation, compiled to where the application looks."""
    words = Catalog(locale=language)
    words.add("Send", "Senden" if language == "de" else "Отправить")
    words.add("Use {model}", "{model} verwenden")
    forms = ("{n} Ort", "{n} Orte") if language == "de" else ("{n} файл", "{n} файла", "{n} файлов")
    words.add(("{n} file", "{n} files"), forms)
    path = folder / language / "LC_MESSAGES" / f"{translation.DOMAIN}.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, words)


def test_the_template_holds_what_the_source_says() -> None:
    done = subprocess.run(
        [sys.executable, REPOSITORY / ".ci" / "strings.py", "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_template_names_neither_dates_nor_this_machine() -> None:
    text = (REPOSITORY / "resources" / "locale" / "aiproxy-desktop.pot").read_text("utf-8")
    assert str(REPOSITORY) not in text
    assert "Date:" not in text


def test_without_a_catalogue_the_words_are_english() -> None:
    assert install(Path("nowhere"), ["de", "fr"]) == ""
    assert tr("Use {model}", model="Ada") == "Use Ada"
    assert tr_count("{n} file", "{n} files", 1) == "1 file"
    assert tr_count("{n} file", "{n} files", 2_000) == "2,000 files"


def test_the_first_language_there_is_a_catalogue_for_is_spoken(tmp_path: Path) -> None:
    catalog(tmp_path, "de")
    catalog(tmp_path, "ru")
    assert install(tmp_path, ["fr", "de", "ru"]) == "de"
    assert tr("Send") == "Senden"
    assert tr("Use {model}", model="Ada") == "Ada verwenden"
    assert tr("Not translated yet") == "Not translated yet"


def test_a_language_may_have_more_plural_forms_than_two(tmp_path: Path) -> None:
    catalog(tmp_path, "ru")
    install(tmp_path, ["ru"])
    assert [tr_count("{n} file", "{n} files", n) for n in (1, 3, 5)] == ["1 файл", "3 файла", "5 файлов"]


def test_a_value_is_never_read_as_a_pattern() -> None:
    assert tr("Use {model}", model="{n} {0}") == "Use {n} {0}"
