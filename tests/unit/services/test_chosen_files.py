"""Files as people have them: misnamed, empty, huge, gone, or no files at all."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.core.errors import AIProxyError, MediaError, RequestError
from aiproxy_desktop.services.chosen_files import clean_name, decoded, read_chosen, recognise, size_text

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


def file(tmp_path: Path, name: str, data: bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("name", "data", "kind", "mime"),
    [
        ("notes.txt", PNG, "image", "image/png"),
        ("photo.png", b"\xff\xd8\xff\xe0" + b"\0" * 20, "image", "image/jpeg"),
        ("code.mp3", b"print('hi')", "text", "text/plain"),
        ("code.py", b"print('hi')", "text", "text/x-python"),
        ("Makefile", b"all:\n", "text", "text/plain"),
        ("said.m4a", b"\0\0\0\x18ftypisom\0\0\0\0", "audio", "audio/mp4"),
        ("said.mp3", b"\xff\xfb\x90\x64" + b"\0" * 60, "audio", "audio/mpeg"),
        ("paper.txt", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "document", "application/pdf"),
        ("bitmap.bmp", b"BM" + b"\0" * 60, "image", "image/bmp"),
    ],
)
def test_bytes_say_what_a_file_is_before_its_name(
    tmp_path: Path, name: str, data: bytes, kind: str, mime: str
) -> None:
    found = read_chosen(file(tmp_path, name, data))
    assert (found.name, found.kind, found.mime, found.data) == (name, kind, mime, data)


def test_a_table_as_spreadsheets_still_write_it_is_read_and_other_code_pages_are_not() -> None:
    table = "Größe;Menge\r\nKäse, frisch;3 €\r\n"
    assert recognise(table.encode("cp1252"), "a.csv").data == table.encode()
    for data, name in (
        (table.encode("cp1252"), "unknown"),  # nothing says that it is text
        (table.encode("cp1252") + b"\x01", "a.csv"),
        (("日本語の文章です。" * 9).encode("shift_jis"), "a.txt"),
    ):
        with pytest.raises(RequestError, match="not text in UTF-8"):
            recognise(data, name)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_read_in_the_encodings_that_can_be_told(tmp_path: Path, encoding: str) -> None:
    found = read_chosen(file(tmp_path, "a.txt", "Grüße, 世界 🎉".encode(encoding)))
    assert found.data.decode() == "Grüße, 世界 🎉"


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("setup.png", b"MZ\x90\0" + b"\0" * 60, "“setup.png” is a program, not an image"),
        ("song.mp3", b"\x7fELF\0\0", "“song.mp3” is a program, not a sound"),
        ("photo.jpg", b"\0\1\2\3", "“photo.jpg” is not an image"),
        ("letter.docx", b"PK\x03\x04\0\0", "“letter.docx” is an archive or an office document"),
        ("latin.txt", b"caf\xe9", "“latin.txt” is not text in UTF-8"),
        ("odd.txt", b"\xff\xfeA", "“odd.txt” is not text"),
        ("empty.png", b"", "“empty.png” is empty"),
        ("mark.txt", b"\xef\xbb\xbf", "“mark.txt” is empty"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_a_sentence(
    tmp_path: Path, name: str, data: bytes, words: str
) -> None:
    with pytest.raises(RequestError) as refused:
        read_chosen(file(tmp_path, name, data))
    assert str(refused.value).startswith(words)
    with pytest.raises(RequestError) as pasted:
        recognise(data, name)
    assert str(pasted.value) == str(refused.value)


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(RequestError, match="a device, a pipe or a socket"):
        read_chosen(tmp_path / "pipe.txt")


def test_sockets_devices_and_folders_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.txt")
        with pytest.raises(RequestError, match="a device, a pipe or a socket"):
            read_chosen(tmp_path / "s.txt")
    with pytest.raises(RequestError, match="a device, a pipe or a socket"):
        read_chosen(Path("/dev/zero"))
    with pytest.raises(RequestError, match="it is a folder"):
        read_chosen(tmp_path)


def test_links_are_followed_and_their_loops_refused(tmp_path: Path) -> None:
    (tmp_path / "link.txt").symlink_to(file(tmp_path, "a.txt", b"text"))
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "dangling.txt").symlink_to(tmp_path / "gone.txt")

    assert read_chosen(tmp_path / "link.txt").data == b"text"
    for name in ("loop.txt", "dangling.txt"):
        with pytest.raises(RequestError, match=f"“{name}” cannot be read"):
            read_chosen(tmp_path / name)


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file(tmp_path, "secret.txt", b"text")

    def denied(*_arguments: object) -> int:  # whoever runs as root may read everything
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(RequestError, match=r"“secret.txt” cannot be read \(Permission denied\)"):
        read_chosen(path)


def test_a_path_that_is_none_is_a_sentence_too() -> None:
    with pytest.raises(RequestError, match="cannot be read"):
        read_chosen(Path("a\0b"))


@pytest.mark.parametrize(
    ("name", "head", "most"),
    [("film.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0", "200 MiB of a film"), ("a.log", b"text", "8 MiB of text")],
)
def test_huge_files_are_refused_by_their_size_alone(
    tmp_path: Path, name: str, head: bytes, most: str
) -> None:
    path = file(tmp_path, name, head)
    os.truncate(path, 3_000_000_000)
    with pytest.raises(MediaError, match=rf"“{name}” is too large \(3.0 GB\)") as refused:
        read_chosen(path)
    assert most in refused.value.advice


def test_names_become_such_that_can_be_shown() -> None:
    assert clean_name("photo\u202egnp.exe") == "photo\ufffdgnp.exe"
    assert clean_name("a\nb\udce9.txt") == "a\ufffdb\ufffd.txt"
    long = clean_name("x" * 300 + ".jpeg")
    assert len(long) == 200
    assert long.endswith("….jpeg")


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_under_any_name_are_taken_or_refused_in_words(data: bytes, name: str) -> None:
    try:
        found = recognise(data, name)
    except AIProxyError:
        return  # in words: nothing else may come
    assert found.data
    found.name.encode()


@given(st.text())
def test_utf_8_comes_back_as_it_was(text: str) -> None:
    data = text.encode()
    if "\0" in text or data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return
    assert decoded(data) == text


def test_sizes_are_told_as_people_count_them() -> None:
    assert [size_text(size) for size in (1, 512, 184_200, 999_900, 3_240_000, 48_000_000, 1_500_000_000)] == [
        "1 byte",
        "512 bytes",
        "184 KB",
        "1.0 MB",
        "3.2 MB",
        "48 MB",
        "1.5 GB",
    ]
