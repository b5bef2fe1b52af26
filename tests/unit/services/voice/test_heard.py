from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aiproxy_desktop.services.voice.heard import HeardMap, at_word_border

TEXT = "Low tide on Saturday is at ten forty in the morning."


def spread(pieces: int, lead: int) -> HeardMap:
    """Sound of 100 ms and two characters in turn; the text `lead` pieces ahead."""
    heard = HeardMap()
    for number in range(pieces + lead):
        if number < pieces:
            heard.add_text(2)
        if number >= lead:
            heard.add_audio(100)
    return heard


def test_text_that_comes_with_its_sound_is_heard_with_it() -> None:
    heard = spread(100, 0)
    assert [heard.characters_at(ms, whole=True) for ms in (0, 2_500, 5_000, 10_000)] == [0, 50, 100, 200]


def test_text_that_runs_ahead_says_nothing_about_when_it_is_heard() -> None:
    # All of it before the second sound: whole, it is spread evenly; before that, as fast as people speak.
    heard = spread(100, 99)
    assert 40 <= heard.characters_at(2_500, whole=True) <= 60
    ahead = HeardMap()
    ahead.add_text(300)
    ahead.add_audio(2_000)
    assert 20 <= ahead.characters_at(2_000, whole=False) <= 40


def test_pauses_move_what_was_heard() -> None:
    heard = HeardMap()
    heard.add_text(20)
    heard.add_audio(2_000)
    heard.add_text(20)  # comes after a long pause of its own
    heard.add_audio(3_000)
    assert heard.characters_at(2_000, whole=True) == 20


def test_words_count_once_they_were_spoken_whole() -> None:
    assert TEXT[: at_word_border(TEXT, TEXT.index("turday"))] == "Low tide on "
    assert at_word_border(TEXT, 3) == 3
    assert at_word_border("没有空格的文字也可以", 4) == 4


@given(
    st.lists(st.tuples(st.sampled_from(("text", "sound")), st.integers(1, 400))),
    st.integers(0, 30_000),
    st.booleans(),
)
def test_never_more_than_there_is_and_never_less_later(
    pieces: list[tuple[str, int]], played: int, whole: bool
) -> None:
    heard = HeardMap()
    for kind, size in pieces:
        if kind == "text":
            heard.add_text(size)
        else:
            heard.add_audio(size)
    now, later = (heard.characters_at(ms, whole=whole) for ms in (played, played + 500))
    assert 0 <= now <= later <= heard.characters
