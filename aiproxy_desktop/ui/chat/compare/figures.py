"""What stands above a column: how far its answer is, how long it took, what it cost. No Qt here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Literal, TypeAlias

from aiproxy_desktop.storage.records import StoredMessage
from aiproxy_desktop.ui.translation import tr, tr_count

Badge: TypeAlias = Literal["writing", "done", "fastest", "stopped", "failed"]

_SEPARATOR = " · "


def money(cost: float) -> str:
    """US dollars, to what a person can tell apart; nothing is free by rounding."""
    if cost == 0:
        return tr("Free")
    if cost < 0.0001:
        return tr("under $0.0001")
    return f"${cost:.4f}" if cost < 1 else f"${cost:,.2f}"


def seconds_taken(answer: StoredMessage, now: datetime) -> float:
    """From asking to the end, or until now; at least a tenth, for nothing takes no time."""
    return max(((answer.finished_at or now) - answer.created_at).total_seconds(), 0.1)


def column_facts(answer: StoredMessage, now: datetime) -> str:
    """One line: seconds in all, seconds to the first token, speed, tokens, cost."""
    facts = []
    if answer.finished_at != answer.created_at:  # of one whose end nobody saw: the application was ended
        facts.append(tr("{seconds} s", seconds=f"{seconds_taken(answer, now):.1f}"))
    first, last = answer.first_token_at, answer.finished_at
    if first is not None:
        wait = max((first - answer.created_at).total_seconds(), 0.1)
        facts.append(tr("{seconds} s to first", seconds=f"{wait:.1f}"))
    tokens = None if answer.usage is None else answer.usage.output_tokens
    if tokens:
        writing = 0.0 if first is None or last is None else (last - first).total_seconds()
        # A rate over a few milliseconds says more about the network than about the model.
        if writing >= 0.05 and tokens > 1:
            facts.append(tr("{rate} tok/s", rate=f"{tokens / writing:,.0f}"))
        facts.append(tr_count("{n} token", "{n} tokens", tokens))
    if answer.cost is not None:
        facts.append(money(answer.cost))
    elif answer.status == "complete":
        facts.append(tr("Cost unknown"))
    return _SEPARATOR.join(facts)


def facts_that_fit(facts: str, fits: Callable[[str], bool]) -> str:
    """A line of facts without those in its middle that are in the way of the time and the cost."""
    parts = facts.split(_SEPARATOR)
    while len(parts) > 2 and not fits(_SEPARATOR.join(parts)):
        del parts[max(len(parts) - 3, 1)]  # the speed first, then the time to the first token
    return _SEPARATOR.join(parts)


def badges(answers: Sequence[StoredMessage], now: datetime) -> tuple[Badge, ...]:
    """How far each column is; of those that are done, the one that no other can overtake is the fastest."""
    taken = [seconds_taken(answer, now) for answer in answers]
    done = [place for place, answer in enumerate(answers) if answer.status == "complete"]
    best = min(done, key=lambda place: taken[place], default=None)
    if best is not None:
        behind = (
            answers[place].status != "streaming" or taken[place] >= taken[best]
            for place in range(len(answers))
        )
        if len(answers) < 2 or not all(behind):
            best = None
    return tuple(_badge(answer, place == best) for place, answer in enumerate(answers))


def badge_text(badge: Badge) -> str:
    """The word for it."""
    return {
        "writing": tr("Writing"),
        "done": tr("Done"),
        "fastest": tr("Done, fastest"),
        "stopped": tr("Stopped"),
        "failed": tr("Failed"),
    }[badge]


def heading(models: int, answers: Iterable[StoredMessage]) -> str:
    """How many models, and what all their answers cost together, where all of it is known."""
    compared = tr_count("Comparing {n} model", "Comparing {n} models", models)
    costs = [answer.cost for answer in answers if answer.status != "streaming"]
    known = [cost for cost in costs if cost is not None]
    if not known or len(known) < len(costs):
        return compared
    return f"{compared}{_SEPARATOR}{tr('{cost} so far', cost=money(sum(known)))}"


def ask_all(models: int) -> str:
    """What stands in the empty composer; nothing of its own before there are two models."""
    return {2: tr("Ask both"), 3: tr("Ask all three"), 4: tr("Ask all four")}.get(models, "")


def still_writing(writing: int, columns: int) -> str:
    """Why nothing can be sent yet; empty when it can."""
    if not writing:
        return ""
    return tr_count(
        "{n} of {columns} is still writing", "{n} of {columns} are still writing", writing, columns=columns
    )


def _badge(answer: StoredMessage, fastest: bool) -> Badge:
    if answer.status == "complete":
        return "fastest" if fastest else "done"
    if answer.status == "streaming":
        return "writing"
    return "failed" if answer.status == "failed" else "stopped"
