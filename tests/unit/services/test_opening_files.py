from __future__ import annotations

import os
from pathlib import Path

from aiproxy_desktop.services.opening_files import MOST_FILES, Sorted, sort_files

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def test_each_file_goes_where_its_content_belongs(tmp_path: Path) -> None:
    contents = {
        "photo.dat": PNG,
        "small.bin": b"GGUF\x03\0\0\0",
        "notes.png": b"only called so",
        "a.pdf": b"%PDF-1.7",
    }
    for name, data in contents.items():
        (tmp_path / name).write_bytes(data)
    os.mkfifo(tmp_path / "pipe")
    names = [*contents, "pipe", "missing", "", "a.pdf"]
    found = sort_files(tmp_path / name for name in names)
    others = tuple(tmp_path / name for name in ("notes.png", "a.pdf", "pipe", "missing", ""))
    assert found == Sorted((tmp_path / "photo.dat",), (tmp_path / "small.bin",), others)


def test_a_path_that_no_system_call_takes_is_left_to_whoever_says_so() -> None:
    assert sort_files([Path("/a\0b")]).others == (Path("/a\0b"),)


def test_no_more_than_can_be_shown_are_opened(tmp_path: Path) -> None:
    found = sort_files(tmp_path / str(number) for number in range(MOST_FILES + 7))
    assert len(found.others) == MOST_FILES
    assert found.left_out
    assert not sort_files([tmp_path]).left_out
