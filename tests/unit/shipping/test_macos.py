"""What a Mac is told, and the order in which its script signs, notarises and packs (tools are stand-ins)."""

from __future__ import annotations

import os
import plistlib
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from shipping import macos
from shipping.layout import VERSION, project

# Each writes down how it was called. `file` knows Mach-O by its first bytes; the notary answers as Apple's.
_TOOL = """#!/bin/bash
name=$(basename "$0")
case $name in
    file) [ "$(head -c 4 "$2")" = MACH ] && echo "Mach-O 64-bit"; exit 0 ;;
    plutil) python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2"; exit ;;
esac
echo "$name $*" >>"$CALLS"
case "$name $1 $2" in
    "xcrun notarytool submit") echo "{\\"id\\": \\"7\\", \\"status\\": \\"${NOTARY:-Accepted}\\"}" ;;
    "xcrun notarytool log") echo "the binary is not signed" ;;
    "hdiutil create "*) touch "${!#}" ;;
    "ditto -c -k") touch "${!#}" ;;
    ditto*) cp -R "$1" "$2" ;;
esac
"""
_TOOLS = ("file", "plutil", "codesign", "xcrun", "hdiutil", "ditto", "spctl")


@dataclass(frozen=True, slots=True)
class Mac:
    """A folder with a bundle, and the tools of a Mac."""

    folder: Path

    @property
    def bundle(self) -> Path:
        return self.folder / f"{project.NAME}.app"

    def make(self, **environment: str) -> subprocess.CompletedProcess[str]:
        path = f"{self.folder / 'tools'}{os.pathsep}{os.environ['PATH']}"
        script = [str(macos.MACOS / "make-dmg.sh"), str(self.bundle), str(macos.ENTITLEMENTS)]
        return subprocess.run(
            [*script, str(self.folder / "dist" / "x.dmg")],
            env={"PATH": path, "CALLS": str(self.folder / "calls"), **environment},
            capture_output=True,
            text=True,
        )

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().replace(f"{self.folder}/", "").splitlines() if path.exists() else []


@pytest.fixture
def mac(tmp_path: Path) -> Mac:
    made = Mac(tmp_path)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in _TOOLS:
        (tools / name).write_text(_TOOL)
        (tools / name).chmod(0o755)
    contents = made.bundle / "Contents"
    for name, start in {
        "MacOS/aiproxy-desktop": "MACH",
        "Frameworks/libone.dylib": "MACH",
        "Frameworks/a folder/two.so": "MACH",
        "Frameworks/QtCore.framework/Versions/A/QtCore": "MACH",
        "Resources/a-script": "#!/b",
    }.items():
        path = contents / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(start)
        path.chmod(0o755)
    return made


def _signed(calls: list[str]) -> list[str]:
    return [call for call in calls if call.startswith("codesign --force")]


def test_everything_is_signed_from_the_inside_out_and_notarised(mac: Mac) -> None:
    done = mac.make(
        MACOS_IDENTITY="Developer ID Application: X", MACOS_NOTARY_PROFILE="p", MACOS_NOTARY_KEYCHAIN="k"
    )
    assert done.returncode == 0, done.stderr
    calls = mac.calls()
    signed = _signed(calls)
    assert all("--sign Developer ID Application: X" in call and "--timestamp " in call for call in signed)
    assert all("--options runtime" in call for call in signed[:-1])
    ends = [call.rpartition("AI Proxy Desktop.app")[2] for call in signed]
    assert not any("a-script" in call for call in signed)
    assert set(ends[:3]) == {
        "/Contents/Frameworks/libone.dylib",
        "/Contents/Frameworks/a folder/two.so",
        "/Contents/Frameworks/QtCore.framework/Versions/A/QtCore",
    }
    assert ends[3:6] == ["/Contents/Frameworks/QtCore.framework", "/Contents/MacOS/aiproxy-desktop", ""]
    assert signed[-1].endswith("dist/x.dmg")
    # What the application may do is said of it alone, not of each library.
    assert [("--entitlements" in call) for call in signed] == [False] * 4 + [True] * 2 + [False]
    steps = [" ".join(call.split()[:3]) for call in calls if call.startswith(("xcrun", "hdiutil"))]
    assert steps == [
        *("xcrun notarytool submit", "xcrun stapler staple", "hdiutil create -volname"),
        *("xcrun notarytool submit", "xcrun stapler staple"),
    ]
    assert all("--keychain-profile p --keychain k" in call for call in calls if "submit" in call)


def test_without_an_identity_it_is_signed_for_this_mac_and_not_notarised(mac: Mac) -> None:
    done = mac.make()
    assert done.returncode == 0, done.stderr
    calls = mac.calls()
    assert all("--timestamp=none --sign - " in call for call in _signed(calls))
    assert not any(call.startswith("xcrun") for call in calls)
    assert (mac.folder / "dist" / "x.dmg").exists()


def test_a_refusal_of_the_notary_is_told_with_its_reasons(mac: Mac) -> None:
    done = mac.make(MACOS_IDENTITY="X", MACOS_NOTARY_PROFILE="p", NOTARY="Invalid")
    assert done.returncode == 1
    assert "the binary is not signed" in done.stderr
    assert "Apple did not notarise AI Proxy Desktop.zip" in done.stderr
    assert not (mac.folder / "dist" / "x.dmg").exists()


def test_notarising_what_is_not_signed_is_refused_before_apple_is_asked(mac: Mac) -> None:
    done = mac.make(MACOS_NOTARY_PROFILE="p")
    assert done.returncode == 1
    assert "MACOS_IDENTITY is not" in done.stderr
    assert not any("submit" in call for call in mac.calls())


def test_what_is_no_bundle_is_named(mac: Mac) -> None:
    (mac.bundle / "Contents").rename(mac.bundle / "Else")
    done = mac.make()
    assert done.returncode == 1
    assert "is no application bundle: freeze it first" in done.stderr


def test_the_bundle_says_what_it_is_and_what_it_wants_the_microphone_for() -> None:
    told = macos.information()
    assert told["CFBundleShortVersionString"] == VERSION
    assert told["CFBundleDisplayName"] == project.NAME
    assert "voice" in str(told["NSMicrophoneUsageDescription"])
    kinds = told["CFBundleDocumentTypes"]
    own = told["UTImportedTypeDeclarations"]
    assert isinstance(kinds, list)
    assert isinstance(own, list)
    assert own[0]["UTTypeIdentifier"] in kinds[1]["LSItemContentTypes"]


def test_the_entitlements_are_three_and_let_qt_be_replaced() -> None:
    told = plistlib.loads(macos.ENTITLEMENTS.read_bytes())
    # The sandbox, or debugging, would be among them by accident alone.
    assert set(told) == {
        "com.apple.security.device.audio-input",
        "com.apple.security.cs.disable-library-validation",
        "com.apple.security.cs.allow-unsigned-executable-memory",
    }
    assert all(told.values())
