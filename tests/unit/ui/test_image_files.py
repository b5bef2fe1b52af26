"""Images as files for other programs."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.image_files import copied_out, file_name, save_copy
from aiproxy_desktop.storage.records import Attachment


def _image(name: str, mime: str = "image/png") -> Attachment:
    return Attachment("ab" * 32, name, "image", mime, 3)


@pytest.mark.parametrize(
    ("name", "mime", "file"),
    [
        ("plan.png", "image/png", "plan.png"),
        ("photo.JPEG", "image/jpeg", "photo.JPEG"),
        ("drawing", "image/webp", "drawing.webp"),
        ("evil.exe", "image/png", "evil.exe.png"),
        ("../../etc/passwd", "image/png", "_.._etc_passwd.png"),
        ("a\u202egnp.exe", "image/png", "a_gnp.exe.png"),
        ("", "image/png", "image.png"),
        ("con.png", "image/png", "_con.png"),
    ],
)
def test_names_fit_every_system_and_say_what_is_in_the_file(name: str, mime: str, file: str) -> None:
    assert file_name(_image(name, mime)) == file


@given(st.text())
def test_no_name_leads_out_of_its_folder(name: str) -> None:
    file = file_name(_image(name))
    assert Path(file).name == file
    assert file.lower().endswith(".png")
    assert len(file.encode()) <= 200


def test_a_copy_is_made_once_and_old_ones_go(tmp_path: Path) -> None:
    source, folder = tmp_path / "blob", tmp_path / "out"
    source.write_bytes(b"abc")
    old = folder / "old"
    old.mkdir(parents=True)
    before = time.time() - 3 * 24 * 60 * 60
    os.utime(old, (before, before))
    first = copied_out(source, _image("plan.png"), folder)
    assert first is not None
    assert (first.name, first.read_bytes()) == ("plan.png", b"abc")
    assert not old.exists()
    assert copied_out(source, _image("plan.png"), folder) == first
    assert [path.name for path in first.parent.iterdir()] == ["plan.png"]


def test_bytes_that_are_gone_make_no_copy(tmp_path: Path) -> None:
    assert copied_out(tmp_path / "gone", _image("plan.png"), tmp_path / "out") is None
    assert "No such file" in save_copy(tmp_path / "gone", tmp_path / "copy.png")
    assert not (tmp_path / "copy.png").exists()


def test_a_copy_replaces_what_the_person_chose_to_replace(tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"new")
    (tmp_path / "copy.png").write_bytes(b"old and longer")
    assert save_copy(tmp_path / "blob", tmp_path / "copy.png") == ""
    assert (tmp_path / "copy.png").read_bytes() == b"new"
