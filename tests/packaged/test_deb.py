"""Both Debian packages: in Debian's eyes, in those of a desktop, and one in place of the other."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from shipping.layout import MODELS, VERSION
from shipping.linux import deb, desktop_files
from shipping.linux.deb_control import SLIM

from tests.packaged.conftest import Figures, put
from tests.packaged.debs import built
from tests.packaged.room import Room

MEGABYTE = 1000 * 1000
# As dropping the file on the models' table does.
_ADD_IT = "mkdir -p ~/.local/share/aiproxy-desktop && cat >~/.local/share/aiproxy-desktop/settings.json"


def _said(*command: str | Path) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _contents(package: Path, folder: Path) -> dict[str, tarfile.TarInfo]:
    """What a package holds, by name."""
    archive = folder / f"{package.name}.tar"
    with archive.open("wb") as file:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], stdout=file, check=True)
    with tarfile.open(archive) as tar:
        entries = {entry.name.removeprefix("./"): entry for entry in tar}
    archive.unlink()
    return entries


@pytest.mark.parametrize("slim", [False, True], ids=["full", "slim"])
def test_lintian_has_nothing_to_say(slim: bool) -> None:
    # Everything from pedantic up; what is overridden has its reason beside it.
    command = ["lintian", "--allow-root", "--pedantic", "--fail-on", "error,warning,pedantic"]
    assert _said(*command, built(slim)) == ""


def test_a_desktop_takes_its_files(tmp_path: Path) -> None:
    _said("dpkg-deb", "--extract", built(slim=True), tmp_path)
    share = tmp_path / "usr" / "share"
    assert _said("desktop-file-validate", share / desktop_files.ENTRY) == ""
    # Not with --strict: AppStream of Debian 12 does not know `developer` yet, which today's wants.
    _said("appstreamcli", "validate", "--no-net", share / desktop_files.METAINFO)
    _said("update-mime-database", share / "mime")
    assert "application/x-gguf:*.gguf" in (share / "mime" / "globs2").read_text()
    assert b"application/x-gguf]\n>0=\0\4GGUF" in (share / "mime" / "magic").read_bytes()


def test_files_are_roots_of_one_time_and_only_the_program_starts(tmp_path: Path) -> None:
    entries = _contents(built(slim=True), tmp_path)
    assert {(entry.uname, entry.gname) for entry in entries.values()} == {("root", "root")}
    assert len({entry.mtime for entry in entries.values()}) == 1
    started = [name for name, entry in entries.items() if entry.isfile() and entry.mode & 0o111]
    assert started == ["usr/lib/aiproxy-desktop/aiproxy-desktop"]
    assert {oct(entry.mode) for entry in entries.values() if not entry.issym()} == {"0o755", "0o644"}
    assert entries["usr/bin/aiproxy-desktop"].linkname == "../lib/aiproxy-desktop/aiproxy-desktop"


def test_the_slim_one_lacks_the_model_alone(tmp_path: Path, figures: Figures) -> None:
    full, slim = _contents(built(), tmp_path), _contents(built(slim=True), tmp_path)
    own = ("usr/share/doc/", "usr/share/lintian/")
    missing = {name for name in full.keys() - slim.keys() if not name.startswith(own)}
    model = f"usr/lib/aiproxy-desktop/{MODELS.relative_to(MODELS.parents[3])}"
    assert missing
    assert all(name.startswith(model) for name in missing)
    assert not {name for name in slim.keys() - full.keys() if not name.startswith(own)}
    installed = sum(entry.size for entry in slim.values()) / MEGABYTE
    sizes = built().stat().st_size / MEGABYTE, built(slim=True).stat().st_size / MEGABYTE
    figures.add(".deb with the built-in model", f"{sizes[0]:.0f} MB", "220 MB")
    figures.add(".deb without", f"{sizes[1]:.0f} MB", "90 MB")
    figures.add("installed, without the model", f"{installed:.0f} MB", "230 MB")
    assert sizes[0] <= 220
    assert sizes[1] <= 90
    assert installed <= 230


@pytest.mark.parametrize("part", ["--fsys-tarfile", "--ctrl-tarfile"])
def test_packed_again_it_is_the_same(part: str, again: Path) -> None:
    first, second = (
        hashlib.sha256(subprocess.check_output(["dpkg-deb", part, file])).hexdigest()
        for file in (built(slim=True), again)
    )
    assert first == second


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The package without the model, made once more of the same tree, hardly compressed."""
    file = deb.build(SLIM, file=tmp_path_factory.mktemp("again") / "again.deb", quick=True)
    yield file
    file.unlink()


def test_the_slim_one_takes_the_full_ones_place_and_runs_a_file_of_weights(room: Room) -> None:
    room.root("apt-get", "install", "-y", put(room, built(slim=True))).well()
    listed = room.root("dpkg-query", "-W", "-f", "${Package} ${Status}\n", "aiproxy-desktop*").said
    assert "aiproxy-desktop-slim install ok installed" in listed
    assert "aiproxy-desktop install ok installed" not in listed
    assert room.person("aiproxy-desktop", "--version").well().said == f"aiproxy-desktop {VERSION}\n"
    assert not list(room.inside("/usr/lib/aiproxy-desktop").rglob("*.gguf"))
    missing = room.person("aiproxy-desktop", "ask", "Hello")
    assert missing.code == 1
    assert "There is no model. Add a key, start Ollama, or add a model file." in missing.complained
    without = room.person("aiproxy-desktop", "models").complained
    assert "Built in: There is no built-in model. Add a model file (GGUF) in Settings." in without
    (model,) = MODELS.glob("*.gguf")
    shutil.copy(model, room.inside("/srv/mine.gguf"))
    room.person("sh", "-c", _ADD_IT, given=b'{"model_files": ["/srv/mine.gguf"]}').well()
    assert "builtin:mine" in room.person("aiproxy-desktop", "models").well().said
    assert room.person("aiproxy-desktop", "ask", "Hello").well().said.strip()
