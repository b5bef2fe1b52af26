"""A client of AT-SPI, as a screen reader is one. Run by the system's Python, which has its bindings.

at_spi_client.py read                 every object of the application, as JSON lines
at_spi_client.py press ROLE NAME      do the first action of the object that is called so
at_spi_client.py write ROLE NAME TEXT put a text into it
at_spi_client.py listen               what is announced, a line of JSON each, until it is ended
"""

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402 - the version is asked for first

_DEEPEST = 40
_APPLICATION = "aiproxy-desktop"


def objects(node: Any, within: str = "") -> Iterator[tuple[Any, str]]:
    """The node and everything below it, each with the way to its parent: places from the root, `0.3.1`."""
    yield node, within
    if within.count(".") < _DEEPEST:
        for index in range(node.get_child_count()):
            child = node.get_child_at_index(index)
            if child is not None:
                yield from objects(child, f"{within}.{index}")


def application() -> Any:
    """The application's own root, or None while it is not there."""
    desktop = Atspi.get_desktop(0)
    for index in range(desktop.get_child_count()):
        found = desktop.get_child_at_index(index)
        if found is not None and found.get_name() == _APPLICATION:
            return found
    return None


def told(node: Any, within: str) -> dict[str, Any]:
    """What a screen reader would learn of it."""
    states = node.get_state_set()
    facts = {
        "within": within,
        "role": node.get_role_name(),
        "name": node.get_name(),
        "description": node.get_description(),
        "children": node.get_child_count(),
        "focusable": states.contains(Atspi.StateType.FOCUSABLE),
        "focused": states.contains(Atspi.StateType.FOCUSED),
        "showing": states.contains(Atspi.StateType.SHOWING),
        "enabled": states.contains(Atspi.StateType.ENABLED),
    }
    value = node.get_value_iface()
    if value is not None and facts["role"] == "progress bar":
        facts["value"] = Atspi.Value.get_current_value(value)
    text = node.get_text_iface()
    if text is not None:
        facts["text"] = Atspi.Text.get_text(text, 0, Atspi.Text.get_character_count(text))
    return facts


def wanted(role: str, name: str) -> Any:
    """The object of this role whose name begins so."""
    for node, _within in objects(application()):
        if node.get_role_name() == role and node.get_name().startswith(name):
            return node
    raise SystemExit(f"no {role} is called {name!r}")


def listen() -> None:
    """Print every announcement."""

    def heard(event: Any) -> None:
        sys.stdout.write(json.dumps(event.any_data) + "\n")
        sys.stdout.flush()

    listener = Atspi.EventListener.new(heard)
    listener.register("object:announcement")
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    Atspi.event_main()


def main() -> None:
    """Do what the command line says."""
    Atspi.init()
    command, *rest = sys.argv[1:]
    if command == "read":
        root = application()
        for node, within in objects(root) if root is not None else ():
            sys.stdout.write(json.dumps(told(node, within)) + "\n")
    elif command == "press":
        assert wanted(*rest).get_action_iface().do_action(0)
    elif command == "listen":
        listen()
    elif command == "write":
        role, name, text = rest
        assert wanted(role, name).get_editable_text_iface().set_text_contents(text)


main()
