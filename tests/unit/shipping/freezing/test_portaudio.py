"""Where PortAudio's source comes from."""

from __future__ import annotations

from shipping.freezing.portaudio import as_sources


def test_servers_are_asked_for_sources_in_both_forms() -> None:
    new = "Types: deb\nURIs: http://deb.example.org/debian\nSuites: stable\n\nTypes: deb deb-src\nURIs: x\n"
    assert as_sources(new) == (
        "Types: deb-src\nURIs: http://deb.example.org/debian\nSuites: stable\n\nTypes: deb-src\nURIs: x\n"
    )
    old = (
        "# deb is commented\ndeb [trusted=yes] http://deb.example.org/debian stable main\n"
        "deb-src http://x stable main\n"
    )
    assert as_sources(old) == (
        "# deb is commented\ndeb-src [trusted=yes] http://deb.example.org/debian stable main\n"
        "deb-src http://x stable main\n"
    )
