"""How patient a live session is, and how much it keeps."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LivePolicy:
    """Times are in seconds, sizes in bytes.

    Attributes:
        open_seconds: for the connection to stand and the service to say that it listens.
        close_seconds: for the last goodbye; after it the connection is dropped.
        ping_seconds: between two signs of life asked for, and how long one is waited for: a dead network is
            noticed after at most twice as long.
        first_wait: before the second attempt to connect; it doubles with each further one.
        longest_wait: bound of that.
        give_up_seconds: of attempts that fail, after which the session ends.
        breaks: connections in a row that the service may close before a single answer was whole.
        network_breaks: the same for those that the network breaks.
        old_share: of a connection's lifetime, after which another one takes over at the next quiet moment.
        switch_margin: so long before the service closes, another connection is to have taken over.
        kept_seconds: of sound of an unanswered turn that is kept for being sent again.
        stream_seconds: the same where the service itself hears when the person speaks.
        unanswered_seconds: after which a turn is taken for one that gets no answer.
        call_seconds: after which a function call is answered with an error.
        history_chars: of the conversation that is told anew as text; the newest are told.
        frame_bytes: of one message from the service.
        frames: that wait to be read.
        events: that wait for whoever consumes them; then nothing more is read.
        unsent_bytes: of sound that wait to be sent before `send_audio` waits as well.
        answer_bytes: of one answer; a service that sends more sends without end.
    """

    open_seconds: float = 10.0
    close_seconds: float = 1.0
    ping_seconds: float = 5.0
    first_wait: float = 0.2
    longest_wait: float = 10.0
    give_up_seconds: float = 180.0
    breaks: int = 5
    network_breaks: int = 20
    old_share: float = 11 / 12
    switch_margin: float = 2.0
    kept_seconds: float = 300.0
    stream_seconds: float = 60.0
    unanswered_seconds: float = 60.0
    call_seconds: float = 300.0
    history_chars: int = 60_000
    frame_bytes: int = 8 << 20
    frames: int = 64
    events: int = 4096
    unsent_bytes: int = 1 << 20
    answer_bytes: int = 96 << 20
