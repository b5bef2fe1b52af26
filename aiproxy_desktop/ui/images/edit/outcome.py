"""What came of a request, in a line below the canvas. No Qt here."""

from __future__ import annotations

from aiproxy_desktop.services.images.tasks import Run
from aiproxy_desktop.ui.images.generate.words import elapsed
from aiproxy_desktop.ui.images.panel.words import cost_after
from aiproxy_desktop.ui.translation import tr

_SEPARATOR = " · "


def outcome_line(run: Run) -> str:
    """`gpt-image-2 · 14 s · $0.0421`, then what was left out or changed; or why there is no picture."""
    model = run.task.model.partition(":")[2]
    if run.error is not None:
        return str(run.error)
    if run.state == "cancelled":
        return _SEPARATOR.join((model, tr("Cancelled")))
    seconds = 0.0 if run.ended_at is None else (run.ended_at - run.began_at).total_seconds()
    return _SEPARATOR.join((model, elapsed(seconds), cost_after(run.cost), *run.notes))
