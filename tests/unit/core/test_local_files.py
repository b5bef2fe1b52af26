from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import MediaError
from aiproxy_desktop.core.local_files import load_file
from aiproxy_desktop.core.media import MediaLimits
from aiproxy_desktop.core.messages import MediaKind, MediaLink, MediaPart

PNG = b"\x89PNG\r\n\x1a\n1"


def link(place: str | Path, kind: MediaKind = "image") -> MediaLink:
    return MediaLink(kind, str(place))


async def test_a_file_is_read_by_path_by_home_and_by_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a b.png").write_bytes(PNG)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    url = (tmp_path / "a b.png").as_uri()
    for place in (str(tmp_path / "a b.png"), "~/a b.png", url, url.replace("file://", "file://localhost")):
        assert await load_file(link(place)) == MediaPart("image", "image/png", PNG, "a b.png")


async def test_text_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("Grüße", encoding="utf-8")
    part = await load_file(link(tmp_path / "notes.md", "document"))
    assert part == MediaPart("document", "text/markdown", "Grüße".encode(), "notes.md")


async def test_what_a_file_is_decides_and_not_what_it_was_called(tmp_path: Path) -> None:
    (tmp_path / "photo.txt").write_bytes(PNG)
    assert (await load_file(link(tmp_path / "photo.txt", "document"))).mime == "image/png"


def _folder(path: Path) -> None:
    path.mkdir()


def _key(path: Path) -> None:
    path.write_text("-----BEGIN OPENSSH PRIVATE KEY-----")


def _latin(path: Path) -> None:
    path.write_bytes(b"caf\xe9")


def _large(path: Path) -> None:
    path.write_bytes(PNG + bytes(2000))


def _nothing(path: Path) -> None:
    del path


def _empty(path: Path) -> None:
    path.touch()


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("a.png", _folder, "is a folder"),
        ("a.png", _nothing, "cannot be read"),
        ("a.png", _large, "too large"),
        ("a.png", _empty, "holds no bytes"),
        ("id_rsa", _key, "neither an image, sound, film, PDF nor text"),
        (".env", _key, "neither an image"),
        ("a.docx", _key, "neither an image"),
        ("a.txt", _latin, "not UTF-8"),
    ],
)
async def test_what_is_no_media_is_not_read(
    tmp_path: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(MediaError, match=said) as caught:
        await load_file(link(tmp_path / name, "document"), MediaLimits(document=1000))
    assert str(tmp_path) not in str(caught.value)


async def test_text_in_a_hidden_place_is_not_read_through_a_link_either(tmp_path: Path) -> None:
    hidden = tmp_path / ".docker"
    hidden.mkdir()
    (hidden / "config.json").write_text("{}")
    (tmp_path / "config.json").symlink_to(hidden / "config.json")
    for place in (hidden / "config.json", tmp_path / "config.json"):
        with pytest.raises(MediaError, match="hidden"):
            await load_file(link(place, "document"))


async def test_pipes_and_devices_and_sockets_are_not_opened(tmp_path: Path) -> None:
    pipe, listening = tmp_path / "pipe.png", tmp_path / "socket.png"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(listening))
        for place in (pipe, listening, Path("/dev/zero")):
            with pytest.raises(MediaError, match="a device, a pipe or a socket"):
                await load_file(link(place))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("a.png", "not a whole path"),
        ("~nobody-of-that-name/a.png", "not a whole path"),
        ("file://elsewhere/a.png", "on the machine “elsewhere”"),
        ("file:a.png", "not a whole path"),
        ("file:///a%00.png", "cannot be read"),
        ("file://[/a.png", "not a whole path"),
        ("/" + "a" * 5000, "cannot be read"),
        ("/\ud800.png", "cannot be read"),
    ],
)
async def test_what_is_no_path_is_refused(place: str, said: str) -> None:
    with pytest.raises(MediaError, match=said):
        await load_file(link(place))


@pytest.mark.parametrize("name", ["notes.md", "song.mp3"])
async def test_a_link_does_not_lend_its_name_to_what_it_leads_to(tmp_path: Path, name: str) -> None:
    (tmp_path / "credentials").write_text("token")
    (tmp_path / name).symlink_to(tmp_path / "credentials")
    with pytest.raises(MediaError, match="nor text"):
        await load_file(link(tmp_path / name, "document"))
    (tmp_path / "real.md").write_text("in the open")
    (tmp_path / "other.txt").symlink_to(tmp_path / "real.md")
    assert (await load_file(link(tmp_path / "other.txt", "document"))).data == b"in the open"
