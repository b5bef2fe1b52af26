"""What a desktop reads: complete, without a mark left, and in step with the application."""

from __future__ import annotations

import argparse
import configparser
import gzip
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from shipping import icons
from shipping.layout import TOP, VERSION, project
from shipping.linux import desktop_files

from aiproxy_desktop.cli import command_line
from tests.gguf_files import gguf, string

MIME = "{http://www.freedesktop.org/standards/shared-mime-info}"


@pytest.fixture(scope="module")
def share(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("share")
    desktop_files.put(folder)
    return folder


def test_no_mark_is_left(share: Path) -> None:
    texts = [share / desktop_files.ENTRY, share / desktop_files.METAINFO, share / desktop_files.KINDS]
    for path in texts:
        assert not re.findall(r"@[A-Z_]+@", path.read_text("utf-8")), path.name
    assert "@" not in gzip.decompress((share / desktop_files.MANUAL).read_bytes()).decode()


def test_the_entry_opens_files(share: Path) -> None:
    entry = configparser.RawConfigParser()
    entry.read(share / desktop_files.ENTRY)
    told = entry["Desktop Entry"]
    assert told["Name"] == project.NAME
    assert told["Exec"] == f"{project.COMMAND} open %F"
    assert told["Icon"] == told["StartupWMClass"] == project.COMMAND
    assert set(told["MimeType"].strip(";").split(";")) == set(desktop_files.MIME_TYPES)


def test_the_description_names_what_is_there(share: Path) -> None:
    told = ET.parse(share / desktop_files.METAINFO).getroot()
    assert told.findtext("id") == project.APPLICATION_ID
    assert told.findtext("launchable") == Path(desktop_files.ENTRY).name
    newest = told.find("releases/release")
    assert newest is not None
    assert newest.get("version") == VERSION
    shots = [image.text or "" for image in told.iter("image")]
    assert shots
    for shot in shots:
        address, _, place = shot.partition(f"/v{VERSION}/")
        assert address == f"{project.REPOSITORY}/raw"
        with Image.open(TOP / place) as image:
            assert image.size == (1280, 800), place  # as the description says


def test_a_file_of_weights_is_known_by_its_first_letters(share: Path) -> None:
    kinds = ET.parse(share / desktop_files.KINDS).getroot()
    kind = kinds.find(f"{MIME}mime-type")
    assert kind is not None
    assert kind.get("type") in desktop_files.MIME_TYPES
    match = kind.find(f"{MIME}magic/{MIME}match")
    assert match is not None
    file = gguf(string("general.architecture", "llama"))
    assert file.startswith(str(match.get("value")).encode())


def test_the_icon_is_there_in_every_size(share: Path) -> None:
    hicolor = share / "icons" / "hicolor"
    for size in icons.SIZES:
        with Image.open(hicolor / f"{size}x{size}" / "apps" / f"{project.COMMAND}.png") as image:
            assert image.size == (size, size)
            assert image.getpixel((0, 0)) == (0, 0, 0, 0)  # round corners, see-through
            assert image.getpixel((size // 2, size // 8)) == (0x17, 0x67, 0x7A, 255)
    drawing = (hicolor / "scalable" / "apps" / f"{project.COMMAND}.svg").read_text("ascii")
    assert ET.fromstring(drawing).get("viewBox") == "0 0 128 128"


def test_windows_and_macos_get_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(icons, "ICONS", tmp_path)
    monkeypatch.setattr(icons, "ICO", tmp_path / "a.ico")
    monkeypatch.setattr(icons, "ICNS", tmp_path / "a.icns")
    icons.make()
    data = (tmp_path / "a.ico").read_bytes()
    _, kind, count = struct.unpack_from("<HHH", data)
    sizes = [data[6 + 16 * at] or 256 for at in range(count)]
    assert (kind, sizes) == (1, list(icons.ICO_SIZES))
    with Image.open(tmp_path / "a.icns") as image:
        assert {width * scale for width, _, scale in image.info["sizes"]} == set(icons.ICNS_SIZES)


def _parsers(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            yield from action.choices.items()


def test_the_manual_has_every_command_and_option(share: Path) -> None:
    text = gzip.decompress((share / desktop_files.MANUAL).read_bytes()).decode().replace("\\-", "-")
    head, *parts = text.split("\n.SS ")
    chapters = {part.split()[0]: part for part in parts}
    parser = command_line()
    commands = dict(_parsers(parser))
    assert set(chapters) == set(commands)
    for name, one in {"": parser, **commands}.items():
        # -h and --data-dir go with all of them.
        options = {option for action in one._actions for option in action.option_strings}
        for option in options - ({"-h", "--help", "--data-dir"} if name else set()):
            assert re.search(rf"(?<![\w-]){option}(?![\w-])", chapters[name] if name else head), (
                name,
                option,
            )
