"""What can be done while models are compared, for its shortcuts and the command palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aiproxy_desktop.ui.chat.compare.comparing import MOST
from aiproxy_desktop.ui.shell.actions import Action
from aiproxy_desktop.ui.translation import tr

if TYPE_CHECKING:
    from aiproxy_desktop.ui.chat.compare.host import CompareHost


def compare_actions(host: CompareHost) -> Sequence[Action]:
    """All of them, in the order in which they are listed."""
    group = tr("Compare")

    def active() -> bool:
        return host.active

    return (
        Action("chat.compare", tr("Compare models, or leave compare"), host.toggle, ("Ctrl+Shift+D",), group),
        Action(
            "chat.compare.add",
            tr("Add a model to compare"),
            host.open_picker,
            ("Ctrl+Shift+L",),
            group,
            active,
        ),
        Action(
            "chat.compare.together",
            tr("Scroll columns together"),
            host.toggle_together,
            ("Ctrl+L",),
            group,
            active,
        ),
        *(
            Action(
                f"chat.compare.keep.{place + 1}",
                tr("Keep the answer in column {number}", number=place + 1),
                host.keep(place),
                (f"Ctrl+Alt+{place + 1}",),
                group,
                host.can_keep(place),
            )
            for place in range(MOST)
        ),
    )
