"""An upgrade that finds no room on the disk: the version before stays, and works."""

from __future__ import annotations

from tests.packaged.conftest import Installation
from tests.packaged.debs import built, renumbered
from tests.packaged.room import Room

_AFTER_ALL = "99.0"
# For what apt and dpkg write beside the package, not for the package.
_LITTLE = "64m"


def test_an_upgrade_on_a_full_disk_leaves_what_was_there(installation: Installation) -> None:
    newer = renumbered(built(), _AFTER_ALL)
    with Room.over(*installation.layers, size=_LITTLE) as room:
        room.let_in(newer, "/srv/newer.deb")
        failed = room.root("apt-get", "install", "-y", "/srv/newer.deb", check=False)
        assert failed.code != 0
        assert "No space left on device" in failed.complained + failed.said
        version = room.root("dpkg-query", "--show", "--showformat=${Version}", "aiproxy-desktop").said
        assert version != _AFTER_ALL
        room.root("apt-get", "clean")
        assert room.person("aiproxy-desktop", "--version").well().said
        assert room.person("aiproxy-desktop", "ask", "Say hello.").well().said.strip()
