"""Folders as attachments: the text in them, and nothing that nobody means to send."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from aiproxy_desktop.core.errors import RequestError
from aiproxy_desktop.services import folders
from aiproxy_desktop.services.folders import read_folder


def folder(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def test_text_is_taken_in_order_under_the_folders_name(tmp_path: Path) -> None:
    root = folder(
        tmp_path / "project",
        {"b.py": b"2", "a.md": b"1", "src/z.py": b"4", "src/deep/y.py": b"5", "doc/x.txt": b"3"},
    )
    found = read_folder(root)
    assert [file.name for file in found.files] == [
        "project/a.md",
        "project/b.py",
        "project/doc/x.txt",
        "project/src/z.py",
        "project/src/deep/y.py",
    ]
    assert (found.name, found.left_out, found.cut) == ("project", 0, "")


def test_hidden_binary_and_foreign_things_are_left_out_and_counted(tmp_path: Path) -> None:
    root = folder(
        tmp_path / "p",
        {
            "main.py": b"x",
            ".env": b"KEY=1",
            ".git/config": b"x",
            "node_modules/a/index.js": b"x",
            "logo.png": b"\x89PNG\r\n\x1a\n\0",
            "data.bin": b"\0\1",
            "empty.txt": b"",
        },
    )
    outside = folder(tmp_path / "outside", {"secret.txt": b"x"})
    (root / "link.txt").symlink_to(outside / "secret.txt")
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe.txt")

    found = read_folder(root)

    assert [file.name for file in found.files] == ["p/main.py"]
    assert found.left_out == 9


def test_a_folder_with_too_many_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_FILES", 3)
    found = read_folder(folder(tmp_path / "p", {f"{at}.txt": b"x" for at in range(5)}))
    assert len(found.files) == 3
    assert found.cut == "only the first 3 were taken"


def test_the_bytes_of_all_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MAX_BYTES", 25)
    found = read_folder(folder(tmp_path / "p", {f"{at}.txt": b"0123456789" for at in range(5)}))
    assert len(found.files) == 2
    assert found.left_out == 3


def test_depth_is_bounded(tmp_path: Path) -> None:
    deep = "/".join(["d"] * 40)
    found = read_folder(folder(tmp_path / "p", {"a.txt": b"x", f"{deep}/b.txt": b"x"}))
    assert [file.name for file in found.files] == ["p/a.txt"]
    assert found.left_out == 1


def test_a_folder_without_text_and_one_that_is_gone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="“empty” holds no text files"):
        read_folder(tmp_path / "empty")
    with pytest.raises(RequestError, match="“gone” cannot be read"):
        read_folder(tmp_path / "gone")
