"""Steps by their names: `python -m shipping STEP`."""

from __future__ import annotations

import subprocess
from importlib import import_module

import pytest
from shipping.__main__ import STEPS, main
from shipping.releasing import checksums


def test_each_name_is_that_of_a_step() -> None:
    for step, package in STEPS.items():
        assert callable(import_module(f"{package}.{step}").make), step


def test_a_name_that_is_none_is_refused_before_anything_is_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(checksums, "make", lambda: done.append("checksums"))
    assert main(["checksums", "sing"]) == 2
    assert capsys.readouterr().err.startswith("usage: python -m shipping {")
    assert not done
    assert main(["checksums"]) == 0
    assert done


def test_a_program_that_fails_stops_them_with_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise subprocess.CalledProcessError(3, ["dpkg-deb", "--build"])

    monkeypatch.setattr(checksums, "make", fail)
    assert main(["checksums", "checksums"]) == 1
    assert capsys.readouterr().err == "The step checksums failed: dpkg-deb ended with 3.\n"
