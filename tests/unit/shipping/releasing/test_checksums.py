"""SHA256SUMS says what the tool says, of every file and in one order."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from shipping.errors import ShippingError
from shipping.releasing import checksums


def test_sha256sum_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in {"b.deb": b"two", "a.tar.gz": b"one", "c": b""}.items():
        (tmp_path / name).write_bytes(data)
    monkeypatch.setattr(checksums, "OUT", tmp_path)
    checksums.make()
    first = (tmp_path / "SHA256SUMS").read_text()
    assert [line.split("  ")[1] for line in first.splitlines()] == ["a.tar.gz", "b.deb", "c"]
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    checksums.make()
    assert (tmp_path / "SHA256SUMS").read_text() == first


def test_nothing_to_sum_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checksums, "OUT", tmp_path / "dist")
    with pytest.raises(ShippingError, match="build a package first"):
        checksums.make()
