"""No program looks for libraries in a folder of the machine that it was built on."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from shipping.freezing import elf_file, run_paths


@pytest.mark.parametrize(
    ("search", "foreign"),
    [
        ("", False),
        ("$ORIGIN", False),
        ("$ORIGIN/../lib:$ORIGIN/", False),
        ("/elsewhere/python/lib", True),
        ("$ORIGIN:/elsewhere/python/lib", True),
        ("lib", True),
    ],
)
def test_what_goes_with_the_file_is_no_foreign_folder(search: str, foreign: bool) -> None:
    assert run_paths.foreign(search) is foreign


@pytest.mark.skipif(not shutil.which("patchelf"), reason="patchelf is not installed")
def test_foreign_folders_are_forgotten_and_others_stay(tmp_path: Path) -> None:
    for name, search in {"a.so": "", "b.so": "/elsewhere/lib", "c.so": "$ORIGIN/lib"}.items():
        command = ["gcc", "-x", "c", "-", "-shared", "-o", str(tmp_path / name)]
        command += [f"-Wl,-rpath,{search}"] if search else []
        subprocess.run(command, input=b"int a;", check=True)
    run_paths.forget_foreign(tmp_path)
    found = {path.name: elf_file.read(path).search for path in tmp_path.iterdir()}
    assert found == {"a.so": "", "b.so": "", "c.so": "$ORIGIN/lib"}
