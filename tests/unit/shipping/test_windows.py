"""What Windows' installer is told, read as Inno Setup reads it; and the folder to carry about."""

from __future__ import annotations

import ast
import re
import zipfile
from collections import defaultdict
from pathlib import Path

import pytest
from shipping import marks, windows
from shipping.layout import INSTALLER_FILES, VERSION, project

from tests.unit.shipping.tiny_frozen import tiny_frozen

_FOLDER = INSTALLER_FILES / "windows"
_SECTIONS = (
    *("Setup", "Languages", "CustomMessages", "Tasks", "InstallDelete", "Files", "Icons"),
    *("Registry", "Run", "UninstallDelete", "Code"),
)


@pytest.fixture(scope="module")
def sections() -> dict[str, list[str]]:
    """Lines of the script by section, without comments; what stands before the first under an empty name."""
    found: dict[str, list[str]] = defaultdict(list)
    name = ""
    for line in marks.filled(_FOLDER / "setup.iss", TOP="C:\\here").splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            name = heading[1]
        elif line.strip() and not line.startswith(";"):
            found[name].append(line)
    return found


def _fields(line: str) -> dict[str, str]:
    return {
        name: value.strip('"')
        for name, value in re.findall(r'(\w+): ((?:"(?:[^"]|"")*")|[^;"]+)(?:;|$)', line.strip())
    }


def test_the_sections_are_inno_setups(sections: dict[str, list[str]]) -> None:
    assert [name for name in sections if name] == list(_SECTIONS)


def test_it_is_for_one_person_and_asks_for_no_administrator(sections: dict[str, list[str]]) -> None:
    setup = dict(line.split("=", 1) for line in sections["Setup"] if not line.startswith("#"))
    assert setup["PrivilegesRequired"] == "lowest"
    assert "PrivilegesRequiredOverridesAllowed" not in setup
    assert setup["AppId"] == "{{" + marks.facts()["WINDOWS_ID"] + "}"
    assert setup["OutputBaseFilename"] == f"{project.COMMAND}-{{#Version}}-windows-x86_64-setup"
    assert windows.target().stem == setup["OutputBaseFilename"].replace("{#Version}", VERSION)
    assert not any("HKLM" in line or "{commonpf" in line for line in sections["Registry"])


def test_whatever_it_writes_to_the_registry_goes_again(sections: dict[str, list[str]]) -> None:
    entries = [_fields(line) for line in sections["Registry"]]
    removed = [
        e["Subkey"]
        for e in entries
        if {"uninsdeletekey", "uninsdeletekeyifempty"} & set(e.get("Flags", "").split())
    ]
    assert removed
    for entry in entries:
        assert any(entry["Subkey"] == key or entry["Subkey"].startswith(key + "\\") for key in removed), entry


def test_an_older_version_leaves_no_modules_and_data_stays(sections: dict[str, list[str]]) -> None:
    assert [_fields(line)["Name"] for line in sections["InstallDelete"]] == ["{app}\\_internal"]
    whole = _fields(sections["Files"][0])
    assert "\\data" in whole["Excludes"].split(",")
    for entry in map(_fields, sections["UninstallDelete"]):
        assert entry["Name"].endswith("_internal") or entry["Type"] == "dirifempty"


def test_every_custom_message_is_there(sections: dict[str, list[str]]) -> None:
    own = {line.split("=")[0].removeprefix("en.") for line in sections["CustomMessages"]}
    used = set(re.findall(r"\{cm:(\w+)", "\n".join(sections["Tasks"] + sections["Run"])))
    # The others are Inno Setup's own, in each of its languages.
    assert used - {"CreateDesktopIcon", "AdditionalIcons", "LaunchProgram"} == own


def test_the_version_resource_is_what_pyinstaller_evaluates() -> None:
    tree = ast.parse(marks.filled(_FOLDER / "version.txt"), mode="eval")
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls == {
        *("VSVersionInfo", "FixedFileInfo", "StringFileInfo", "StringTable", "StringStruct"),
        *("VarFileInfo", "VarStruct"),
    }
    told = {
        ast.literal_eval(node.args[0]): ast.literal_eval(node.args[1])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "StringStruct"
    }
    assert told["ProductVersion"] == VERSION
    assert told["ProductName"] == project.NAME


def test_the_smoke_script_looks_for_what_is_installed(sections: dict[str, list[str]]) -> None:
    script = (_FOLDER / "smoke.ps1").read_text("utf-8")
    assert {f"{project.COMMAND}.exe", windows.CONSOLE[1]} <= set(
        re.findall(r"'(aiproxy-desktop\.\w+)'", script)
    )
    for key in re.findall(
        r"'((?:Applications\\)?aiproxy-desktop\.\w+)'", script.partition("foreach ($key")[2]
    ):
        assert any(
            f"Classes\\{key}".replace(f"{project.COMMAND}.exe", "{#Program}") in line
            for line in sections["Registry"]
        )
    tasks = re.findall(r"/TASKS=([\w,]+)", script)[0].split(",")
    assert set(tasks) <= {_fields(line)["Name"] for line in sections["Tasks"]}


def test_the_folder_to_carry_about_is_the_same_each_time(tmp_path: Path) -> None:
    frozen = tiny_frozen(tmp_path / "first")
    (frozen / windows.CONSOLE[0]).write_bytes(b"MZ")
    windows.pack(frozen, tmp_path / "one.zip")
    for path in frozen.rglob("*"):
        path.touch()
    windows.pack(frozen, tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert f"{project.COMMAND}/data/" in names  # by which it keeps everything beside itself
    assert f"{project.COMMAND}/{windows.CONSOLE[1]}" in names
    assert f"{project.COMMAND}/{windows.CONSOLE[0]}" not in names


def test_a_file_is_signed_by_the_command_that_inno_setup_gets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tool = tmp_path / "sign tool"
    tool.write_text('#!/bin/sh\nfor one; do echo "[$one]"; done >"$0.told"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("WINDOWS_SIGN_TOOL", f"$q{tool}$q sign /fd sha256 $f")
    windows.sign(Path("C:/a folder/x.exe"))
    assert Path(f"{tool}.told").read_text().split("\n")[:-1] == [
        "[sign]",
        "[/fd]",
        "[sha256]",
        "[C:/a folder/x.exe]",
    ]


def test_without_a_command_nothing_is_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WINDOWS_SIGN_TOOL", raising=False)
    windows.sign(Path("nothing"))
