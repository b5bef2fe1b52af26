"""The frozen application as it lies on a disk: what is in it, and what it asks of a system."""

from __future__ import annotations

import ast
import ctypes
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from PyInstaller.archive.readers import CArchiveReader
from shipping.freezing import bundle, contents, elf_file
from shipping.layout import BUILD, FROZEN, MODELS, TOP, VERSION, project

from tests.packaged.frozen import PROGRAM, needs_frozen
from tests.source import PACKAGE

INSIDE = FROZEN / "_internal"

# Under the GPL without an exception, under Sleepycat's licence, or dragged in by what is not used.
UNWANTED = re.compile(
    r"lib(readline|history|gdbm|db-|jack|gtk|gdk|atk|cairo|pango|tinfo|ncurses|Qt6?(VirtualKeyboard|Charts"
    r"|DataVisualization|Graphs|Lottie|NetworkAuth|Quick|Qml|WaylandCompositor|HttpServer|Pdf|Sql|Test|PrintSupport))",
    re.IGNORECASE,
)
MOST_BYTES = 230 * 1000 * 1000
# The oldest C libraries of systems that are supported: Debian 12 has 2.36, Ubuntu 22.04 has 2.35.
NEWEST_GLIBC, NEWEST_GLIBCXX = (2, 35), (3, 4, 30)

pytestmark = [
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="libraries as Linux has them"),
    needs_frozen,
]


@pytest.fixture(scope="module")
def libraries() -> dict[Path, elf_file.Elf]:
    """Everything that is machine code, and what it says of itself."""
    return {path: elf_file.read(path) for path in sorted(FROZEN.rglob("*")) if elf_file.is_elf(path)}


@pytest.fixture(scope="module")
def modules() -> frozenset[str]:
    """Names of the modules of Python in it."""
    return frozenset(CArchiveReader(str(PROGRAM)).open_embedded_archive("PYZ.pyz").toc)


def test_each_library_is_inside_or_the_systems(libraries: dict[Path, elf_file.Elf]) -> None:
    inside = {path.name for path in INSIDE.rglob("*.so*")}
    missing = {
        f"{path.relative_to(FROZEN)} needs {name}"
        for path, told in libraries.items()
        for name in told.needed
        if name not in inside and not contents.is_the_systems(name)
    }
    assert not missing


def test_no_library_of_the_system_came_along() -> None:
    """Except those that a package brings under a name of its own (`libXau-154567c4.so.6.0.0`)."""
    assert not [path for path in INSIDE.rglob("*.so*") if contents.is_the_systems(path.name)]


def test_nothing_unwanted_is_in_it(libraries: dict[Path, elf_file.Elf]) -> None:
    assert not [path for path in INSIDE.rglob("*") if UNWANTED.match(path.name)]
    assert not [path for path, told in libraries.items() if any(UNWANTED.match(name) for name in told.needed)]


def test_it_carries_no_symbols_for_debuggers(libraries: dict[Path, elf_file.Elf]) -> None:
    # The bootloader is let be: what PyInstaller hangs on it is found from its end.
    heavy = {path.name for path, told in libraries.items() if {".debug_info", ".symtab"} & {*told.sections}}
    assert heavy <= {project.COMMAND}


def test_each_library_loads() -> None:
    """Stripping has broken none, and none asks for a symbol of another version."""
    code = """if True:
        import ctypes, os, sys
        for path in sys.stdin.read().split("\\n"):
            try:
                ctypes.CDLL(path, os.RTLD_LAZY)
            except OSError as error:
                print(error)
    """
    absent = {"libwayland-client.so.0", "libwayland-cursor.so.0", "libwayland-egl.so.1"}
    absent = {name for name in absent if not _has(name)}
    paths = [
        str(path)
        for path in sorted(INSIDE.rglob("*.so*"))
        if elf_file.is_elf(path) and not absent & {*_all_needs(path)}
    ]
    environment = {**os.environ, "LD_LIBRARY_PATH": str(INSIDE)}
    # The interpreter is the one that was frozen, so that its own library is not there twice.
    told = subprocess.run(
        [sys.executable, "-S", "-c", code],
        input="\n".join(paths),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == ""


def _has(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def _all_needs(path: Path, seen: set[str] | None = None) -> Iterator[str]:
    """What it needs, and what that needs in turn, as far as it is inside."""
    seen = set() if seen is None else seen
    for name in elf_file.read(path).needed:
        if name not in seen:
            seen.add(name)
            yield name
            for inner in INSIDE.rglob(name):
                if elf_file.is_elf(inner):
                    yield from _all_needs(inner, seen)


def test_it_runs_on_the_oldest_systems_it_is_for(libraries: dict[Path, elf_file.Elf]) -> None:
    newest = {"GLIBC": NEWEST_GLIBC, "GLIBCXX": NEWEST_GLIBCXX}
    too_new = set()
    for path in libraries:
        asked = re.findall(rb"\0(GLIBC|GLIBCXX)_([0-9.]+)\0", path.read_bytes())
        for library, version in {(one.decode(), number.decode()) for one, number in asked}:
            if tuple(map(int, version.split("."))) > newest[library]:
                too_new.add(f"{path.relative_to(FROZEN)} asks for {library} {version}")
    # libstdc++ defines all of its versions; none of it is in the bundle, so whoever mentions one wants it.
    assert not too_new


def test_the_plug_ins_of_every_desktop_are_in_it() -> None:
    plugins = INSIDE / "PySide6" / "Qt" / "plugins"
    found = {path.relative_to(plugins).as_posix() for path in plugins.rglob("*.so")}
    assert {"platforms/libqxcb.so", "platforms/libqwayland.so", "platforms/libqoffscreen.so"} <= found
    assert {"wayland-shell-integration/libxdg-shell.so", "platformthemes/libqxdgdesktopportal.so"} <= found
    assert {f"imageformats/libq{name}.so" for name in ("gif", "ico", "jpeg", "svg", "tiff", "webp")} <= found
    assert {path.parent.name for path in plugins.rglob("*.so")} <= set(contents.QT_PLUGINS)


def test_every_module_of_ours_is_in_it(modules: frozenset[str]) -> None:
    ours = {_module(path) for path in PACKAGE.rglob("*.py")}
    # The one that is run has another place, and the fakes are for other people's tests.
    assert ours - modules == {"aiproxy_desktop.__main__", "aiproxy_desktop.core.testing"}


def test_nothing_that_ours_import_was_left_out(modules: frozenset[str]) -> None:
    """Whatever this environment has and a module of ours imports, also by name and late, is in it."""
    told = (BUILD / "pyinstaller" / "pyinstaller" / "warn-pyinstaller.txt").read_text(encoding="utf-8")
    missing = [line for line in told.splitlines() if re.search(r"- imported by .*\baiproxy_desktop\b", line)]
    # Types alone, for whoever describes a session with them.
    known = {"missing module named _typeshed", "missing module named 'google.genai'"}
    assert not [line for line in missing if not any(line.startswith(one) for one in known)]
    assert {*contents.HIDDEN_MODULES, *contents.keyring_modules()} - {"xllamacpp"} <= modules | {"xllamacpp"}
    for name in _named_modules():
        assert name in modules or list(INSIDE.glob(f"{name.replace('.', '/')}.*")), name


def _named_modules() -> set[str]:
    """Modules of others that ours import by a text: `import_module("a.b")`."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                found |= {one.value for one in node.args if isinstance(one, ast.Constant)}
    return {name for name in found if isinstance(name, str) and not name.startswith(".")}


def _module(path: Path) -> str:
    name = ".".join(path.relative_to(TOP).with_suffix("").parts)
    return name.removesuffix(".__init__")


def test_its_files_are_those_that_the_application_reads() -> None:
    resources = INSIDE / "aiproxy_desktop" / "resources"
    assert {path.name for path in resources.iterdir()} == {
        *("icons", "demo", "fonts", "models", "model_table", "tokens.json"),
        *(("locale",) if bundle.languages() else ()),
    }
    assert [path.suffix for path in MODELS.iterdir()] == [".gguf"]
    icons = {path.name for path in (TOP / "resources" / "icons").glob("*.svg")}
    assert {path.name for path in (resources / "icons").glob("*.svg")} == icons


def test_its_size() -> None:
    model = sum(path.stat().st_size for path in MODELS.iterdir())
    whole = sum(path.lstat().st_size for path in FROZEN.rglob("*") if not path.is_dir())
    assert whole - model <= MOST_BYTES


def test_it_starts_from_anywhere_with_an_empty_environment(tmp_path: Path) -> None:
    place = tmp_path / "a folder with a ü"
    place.mkdir()
    link = place / "link"
    link.symlink_to(PROGRAM)
    told = subprocess.run([str(link), "--version"], cwd="/", env={}, capture_output=True, text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, f"{project.COMMAND} {VERSION}\n", "")


def test_it_takes_no_code_from_outside(tmp_path: Path) -> None:
    """Neither from the folder it is started in nor from what tells Python where modules are."""
    for name in ("argparse", "json", "httpx", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("import os; os._exit(77)", encoding="utf-8")
    outside = dict.fromkeys(("PYTHONPATH", "PYTHONHOME"), str(tmp_path))
    told = subprocess.run(
        [PROGRAM, "--data-dir", tmp_path / "data", "models", "--json"],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "OLLAMA_HOST": "127.0.0.1:1", **outside},
        capture_output=True,
        text=True,
    )
    assert told.returncode == 0, told.stderr
    assert "smollm2-135m" in told.stdout


def test_a_helper_that_is_asked_for_nothing_says_so() -> None:
    """The hidden doors exist in the frozen program too, and end when whoever opened them is gone."""
    for argument in ("--built-in-model-process", "--local-api-worker"):
        told = subprocess.run([PROGRAM, argument], stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        assert told.returncode >= 0, argument
        assert b"Traceback" not in told.stderr, argument


def test_programs_that_it_starts_find_their_own_libraries(tmp_path: Path) -> None:
    """What a child is given shows what the environment of the application was like after its start."""
    theirs = str(tmp_path / "theirs")
    process = subprocess.Popen(
        [PROGRAM, "--data-dir", tmp_path / "data", "ask", "Count to fifty."],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LD_LIBRARY_PATH": theirs},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        helper = _first_child(process)
        # The child, the same program, has put the application's folder in front of what it was given.
        told = helper.environ()
        assert told["LD_LIBRARY_PATH_ORIG"] == theirs
        assert told["LD_LIBRARY_PATH"].split(":") == [str(INSIDE), theirs]
    finally:
        process.kill()
        process.wait()


def _first_child(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The first process it starts that is the same program, once that has started itself anew."""
    while process.poll() is None:
        for child in psutil.Process(process.pid).children():
            with suppress(psutil.Error):
                if "LD_LIBRARY_PATH_ORIG" in child.environ() and child.exe() == str(PROGRAM):
                    return child
        time.sleep(0.01)
    raise AssertionError("it ended without having started a process")
