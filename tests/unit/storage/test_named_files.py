"""Files that the person names: whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiproxy_desktop.storage.errors import StorageError
from aiproxy_desktop.storage.named_files import write_named


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "code.py"
    write_named(path, b"one")
    path.chmod(0o640)
    write_named(path, b"two")

    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    target, link = tmp_path / "real.txt", tmp_path / "link.txt"
    target.write_bytes(b"one")
    link.symlink_to(target)

    write_named(link, b"two")

    assert link.is_symlink()
    assert target.read_bytes() == b"two"


@pytest.mark.parametrize(
    ("place", "advice"),
    [
        ("gone/code.py", "The folder is no longer there. Choose another one."),
        ("x" * 300, "The system said: File name too long. Choose another name or folder."),
        ("folder", "It is no file. Choose another name."),
    ],
)
def test_what_cannot_be_written_is_said_in_a_sentence(tmp_path: Path, place: str, advice: str) -> None:
    (tmp_path / "folder").mkdir()
    path = tmp_path / place

    with pytest.raises(StorageError) as raised:
        write_named(path, b"x")

    assert str(raised.value) == f"“{path.name}” could not be saved. {advice}"
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
