"""How the local API's states and requests read. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from aiproxy_desktop.services.local_api.snippets import Snippet
from aiproxy_desktop.services.local_api.values import LEFT, ApiRequest, ApiStatus
from aiproxy_desktop.storage.keys import KnownKey
from aiproxy_desktop.ui.chat.conversation.facts import money
from aiproxy_desktop.ui.translation import tr
from aiproxy_desktop.ui.widgets.dot import DotState
from aiproxy_desktop.ui.widgets.labels import Tone

_DONE_CODES = {1000, 1001, 1005}  # RFC 6455, section 7.4.1: how a WebSocket ends in peace


@dataclass(frozen=True, slots=True)
class StateLine:
    """What is said of the local API as a whole."""

    dot: DotState
    text: str
    tone: Tone
    can_retry: bool = False


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One line of the log; `asked` is the model, or the path where none was asked."""

    number: int
    time: str
    client: str
    asked: str
    of_model: bool
    tokens: str
    cost: str
    took: str
    status: str
    tone: Tone
    running: bool


def snippet_title(snippet: Snippet) -> str:
    """What a piece is for: a program's name, which is the same in every language, or words."""
    return tr("Environment variables") if snippet.id == "environment" else snippet.title


def state_line(status: ApiStatus, *, exposed: bool = False) -> StateLine:
    """Whether it runs and for whom, in a few words, or why it does not."""
    if status.phase == "on" and status.problem:
        return StateLine("broken", status.problem, "danger", can_retry=True)
    if status.phase == "on":
        words = tr("On, and other machines can reach it") if exposed else tr("On, for this computer alone")
        return StateLine("ready", words, "muted")
    if status.phase == "failed":
        return StateLine("broken", status.problem, "danger", can_retry=True)
    if status.phase == "starting":
        return StateLine("busy", tr("Starting"), "muted")
    if status.phase == "stopping":
        return StateLine("busy", tr("Answers under way may end, then it is off"), "muted")
    return StateLine("off", tr("Off. No other program can ask anything."), "muted")


def token_place(token: KnownKey | None, keyring: str) -> str:
    """Where the token is kept."""
    if token is None:
        return tr("Not made yet")
    if token.source == "session":
        return tr("No keyring keeps it: the next start of the app makes another one")
    return tr("Kept in {keyring}", keyring=keyring or tr("the keyring"))


def took(request: ApiRequest) -> str:
    """How long it took; of one that runs the time so far."""
    seconds = request.seconds
    if seconds is None:
        seconds = max(0.0, (datetime.now(UTC) - request.began).total_seconds())
    return duration(seconds)


def request_row(request: ApiRequest) -> RequestRow:
    """A request as the log lists it."""
    return RequestRow(
        request.number,
        request.began.astimezone().strftime("%H:%M:%S"),
        client_name(request),
        request.model or request.path,
        bool(request.model),
        _tokens(request),
        _unknown(request) if request.cost is None else money(request.cost),
        took(request),
        status_words(request),
        "danger" if failed(request) else "muted" if request.seconds is None else "text",
        request.seconds is None,
    )


def client_name(request: ApiRequest) -> str:
    """Whoever asked: the program, else the client, else the address."""
    client = request.client
    return client.app or client.client_id or client.ip or request.peer


def failed(request: ApiRequest) -> bool:
    """Whether it got no answer; a client that left is none of ours."""
    status = request.status
    if status is None or status == LEFT:
        return False
    return status not in _DONE_CODES and status >= 400


def status_words(request: ApiRequest) -> str:
    """How it ended, in a word, with the number where that tells more."""
    status = request.status
    if status is None:
        return tr("Running") if request.seconds is None else tr("Unknown")
    if status == LEFT:
        return tr("Client left")
    if not failed(request):
        return tr("Done")
    if 400 <= status < 500:
        return tr("Refused, {code}", code=status)
    return tr("Failed, {code}", code=status)


def request_details(request: ApiRequest) -> tuple[tuple[str, str], ...]:
    """Everything that is known of one request: what it is, and what it says."""
    client = request.client
    given = client.ip if client.ip != request.peer else ""
    facts = (
        (tr("Problem"), request.error),
        (tr("Status"), status_words(request)),
        (tr("Request"), f"{request.method} {request.path}"),
        (tr("Came"), request.began.astimezone().strftime("%Y-%m-%d %H:%M:%S")),
        (tr("Model"), request.model),
        (tr("Time"), _known(request.seconds)),
        (tr("First token after"), _known(request.first_token_seconds)),
        (tr("Tokens in"), _count(request, request.input_tokens)),
        (tr("Tokens out"), _count(request, request.output_tokens)),
        (tr("Cost"), _unknown(request) if request.cost is None else money(request.cost)),
        (tr("Program"), client.app),
        (tr("Client"), client.client_id),
        (tr("Device"), client.device),
        (tr("User"), client.user_id),
        (tr("Session"), client.session_id),
        (tr("Request ID"), client.request_id),
        (tr("Address it gives"), given),
        (tr("Address it comes from"), request.peer),
    )
    return tuple((title, said) for title, said in facts if said)


def duration(seconds: float) -> str:
    """`4 ms`, `2.4 s`, `48 s`, `3 min 05 s`, `48 min`; never 0."""
    if seconds < 0.9995:
        return tr("{ms} ms", ms=max(1, round(seconds * 1000)))
    if seconds < 9.95:
        return tr("{seconds} s", seconds=f"{seconds:.1f}")
    if seconds < 59.5:
        return tr("{seconds} s", seconds=f"{seconds:.0f}")
    if seconds >= 600:
        return tr("{minutes} min", minutes=f"{round(seconds / 60):,}")
    minutes, rest = divmod(round(seconds), 60)
    return tr("{minutes} min {seconds} s", minutes=minutes, seconds=f"{rest:02}")


def _tokens(request: ApiRequest) -> str:
    """`1,204 / 310`; a question mark for what nobody counted, where the other is known."""
    counted = (request.input_tokens, request.output_tokens)
    if counted == (None, None):
        return _unknown(request)
    taken, given = ("?" if number is None else f"{number:,}" for number in counted)
    return tr("{taken} / {given}", taken=taken, given=given)


def _unknown(request: ApiRequest) -> str:
    """Where an answer came: that nobody knows. Of others there is nothing to know."""
    answered = request.seconds is not None and bool(request.model) and not failed(request)
    return tr("Unknown") if answered and request.status != LEFT else ""


def _count(request: ApiRequest, number: int | None) -> str:
    return _unknown(request) if number is None else f"{number:,}"


def _known(seconds: float | None) -> str:
    return "" if seconds is None else duration(seconds)
