"""The rules of the house that no other tool knows: one door for each danger, sizes, what may lie where."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.source import PACKAGE, REPOSITORY, Source, python_files, text_files, top_level

MOST_LINES = 500

ALLOWED_AT_THE_TOP = {
    "aiproxy_desktop",
    "resources",
    "tests",
    "examples",
    "pyproject.toml",
    "pyinstaller.spec",
    "README.md",
    "Makefile",
    "CHANGELOG.md",
    "LICENSE",
    "THIRD_PARTY.md",
}

# What costs too much before the first paint, or does not belong in the core at all.
HEAVY = {
    *("PySide6", "qasync", "httpx", "httpcore", "aiohttp", "openai", "google.genai", "anthropic", "numpy"),
    *("keyring", "pygments", "markdown_it", "sqlite3", "xllamacpp"),
    *("websockets", "pyaudio", "pulsectl", "miniaudio", "jeepney"),
    *("fastapi", "starlette", "uvicorn", "httptools", "uvloop"),
}


@dataclass(frozen=True, slots=True)
class Door:
    """One danger and the only modules that may reach it: by an import, a name, a call or a literal text."""

    danger: str
    modules: tuple[str, ...]
    imports: str = r"(?!)"
    names: str = r"(?!)"
    calls: str = r"(?!)"
    literals: str = r"(?!)"

    def trespasses(self, source: Source) -> Iterator[str]:
        """Places in a file of another module which reach the danger."""
        if any(source.name == f"aiproxy_desktop/{module}" for module in self.modules):
            return
        looks = (
            (self.imports, source.imports),
            (self.names, source.names),
            (self.calls, source.calls),
            (self.literals, source.literals),
        )
        for pattern, mentions in looks:
            for line, name in mentions:
                if re.search(pattern, name):
                    allowed = ", ".join(self.modules) or "none"
                    yield f"{source.name}:{line}: {name} ({self.danger}; allowed in: {allowed})"


DOORS = (
    Door(
        "opening an address",
        ("ui/shell/open_url.py",),
        imports=r"^webbrowser|QDesktopServices$",
        names=r"QDesktopServices|setOpenExternalLinks",
    ),
    Door(
        "fetching",
        (
            *("core/http.py", "core/http_body.py", "core/http_transport.py", "core/transport_errors.py"),
            "core/listening.py",
        ),
        imports=r"^(httpx|httpcore|httpx_aiohttp|requests|aiohttp|urllib\.request|http\.client)\b|QNetworkAccessManager$",
        calls=r"\b(urlopen|urlretrieve|create_connection|open_connection)$",
    ),
    Door(
        "speaking over a socket that stays open",
        ("core/live/connection.py", "core/live/errors.py"),
        imports=r"^websockets\b",
    ),
    # Each is the one owner of its library: of its streams, its thread, what has to be closed again.
    Door(
        "hearing, or being heard",
        ("audio/open_devices.py", "audio/portaudio.py", "audio/pulse.py"),
        imports=r"^(pyaudio|pulsectl|sounddevice|PySide6\.QtMultimedia)\b",
    ),
    Door("reading sound with code that is not Python", ("audio/sound_file.py",), imports=r"^miniaudio\b"),
    Door("looking up a host", ("core/fetching.py",), calls=r"\b(getaddrinfo|gethostby\w+)$"),
    Door(
        "reading a file that a message names",
        # The others read files of the package, what was attached before, or what the person chose.
        (
            *("core/local_files.py", "core/providers/builtin/_llama_child.py", "core/catalog.py"),
            *("core/plugins.py", "cli.py", "ui/theme/tokens.py"),
            *("services/chosen_files.py", "services/opening_files.py", "storage/blobs.py"),
            "storage/token_file.py",
            "server/demo.py",  # the page's own, by the names they have
        ),
        calls=r"^(io\.)?open$|^os\.open$|\.read_bytes$",
    ),
    Door("reading a key", ("storage/system_keyring.py",), imports=r"^(keyring|secretstorage)\b"),
    Door(
        "speaking on the session's bus",
        ("services/desktop_bus.py", "services/shortcut_portal.py", "storage/system_keyring.py"),
        imports=r"^jeepney\b",
    ),
    Door(
        "reading a key from the environment",
        ("core/credentials.py",),
        literals=r"_API_KEY$",
    ),
    Door("showing rich text", (), names=r"\b(RichText|AutoText|MarkdownText)$"),
    Door(
        "letting Qt read text as HTML or Markdown",
        ("ui/exchange/pdf.py",),  # what `exchange.html` has written, into a document that loads nothing
        imports=r"\.QTextBrowser$",
        calls=r"\.(setHtml|insertHtml|appendHtml|setMarkdown|insertMarkdown|mightBeRichText)$",
    ),
    Door(
        "asking where to save",
        ("ui/shell/save_file.py",),
        names=r"\b(AcceptSave|getSaveFileName|saveFileContent)$",
    ),
    Door("a message box", ("ui/shell/start_failure.py",), imports=r"\.QMessageBox$"),
    Door(
        "labels that guess rich text",
        ("ui/widgets/labels.py",),
        calls=r"^QLabel$|\.(setToolTip|setWhatsThis)$",
    ),
    # Qt has no other way to drag out than a loop of its own, and it begins where no task runs.
    Door(
        "a loop inside the loop",
        ("ui/widgets/drag_out.py",),
        calls=r"\.exec_?$|\bprocessEvents$|\bqWait$",
    ),
    Door("tasks without an owner", (), names=r"\b(asyncSlot|asyncClose|asyncWrap)$"),
    Door(
        "asking which system this is",
        ("system.py",),
        imports=r"^platform\b",
        names=r"\b(sys\.platform|os\.name|os\.uname)$",
    ),
    Door("code from text", (), calls=r"^(eval|exec|compile|__import__)$|\bpickle\.loads?$|\bos\.system$"),
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.danger)
def test_each_danger_has_one_door(door: Door) -> None:
    found = [trespass for source in python_files(PACKAGE) for trespass in door.trespasses(source)]
    assert not found, "\n".join(found)


def test_no_file_is_too_long() -> None:
    files = python_files(PACKAGE) + python_files(REPOSITORY / "tests")
    found = {file.name: len(file.text.splitlines()) for file in files}
    assert not {name: lines for name, lines in found.items() if lines > MOST_LINES}


def test_only_known_things_lie_at_the_top() -> None:
    strangers = [
        name
        for name in top_level()
        if name not in ALLOWED_AT_THE_TOP and not name.startswith(".") and not name.endswith(".lock")
    ]
    assert not strangers


def test_the_tree_names_no_machine_and_no_registry() -> None:
    # Spelled so that this file does not name them either.
    folders = "|".join(("work", "root", "home/[a-z]", "opt", "Users/[a-z]"))
    hosts = "|".join((r"pypi\.org", r"pythonhosted", r"npmjs\.", r"index-url", r"find-links"))
    pattern = re.compile(rf"""(?:^|[\s"'=`(:])/(?:{folders})/|{hosts}""")
    here = "tests/unit/test_architecture.py"
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in text_files()
        if name != here
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert not found, "\n".join(found)


def test_locks_hold_no_address() -> None:
    for lock in REPOSITORY.glob("*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8"), lock.name


def test_every_package_that_runs_is_acknowledged() -> None:
    text = (REPOSITORY / "THIRD_PARTY.md").read_text(encoding="utf-8").lower()
    locks = [
        REPOSITORY / name
        for name in ("requirements.lock", "requirements-build.lock", "requirements-model.lock")
    ]
    packages = {name for lock in locks for name in re.findall(r"(?m)^([a-z0-9-]+)==", lock.read_text())}
    assert not sorted(package for package in packages if package not in text)


def test_view_models_use_nothing_of_qt_but_its_core() -> None:
    found = [
        f"{source.name}:{line}: {name}"
        for source in python_files(PACKAGE / "ui")
        if source.name.endswith("viewmodel.py")
        for line, name in source.imports
        if name.startswith("PySide6") and not name.startswith("PySide6.QtCore")
    ]
    assert not found, "\n".join(found)


def test_markdown_is_read_without_qt() -> None:
    files = python_files(PACKAGE / "ui" / "markdown")
    found = [
        f"{source.name}:{line}: {name}"
        for source in files
        for line, name in source.imports
        if name.startswith("PySide6")
    ]
    assert not found, "\n".join(found)


def test_exceptions_to_the_checks_give_their_reason() -> None:
    silent = re.compile(r"#\s*(type: ignore|noqa|pragma: no cover)(\[[^\]]*\]|: [A-Z0-9, ]+)?\s*$")
    found = [
        f"{source.name}:{number}: {line.strip()}"
        for folder in ("aiproxy_desktop", "tests")
        for source in python_files(REPOSITORY / folder)
        for number, line in source.lines()
        if silent.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("module", ["aiproxy_desktop.core", "aiproxy_desktop.cli"])
def test_a_front_door_opens_without_anything_heavy(module: str) -> None:
    program = f"import sys, json, {module}; json.dump(sorted(sys.modules), sys.stdout)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert not loaded & HEAVY
