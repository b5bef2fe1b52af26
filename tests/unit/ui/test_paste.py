from __future__ import annotations

from aiproxy_desktop.services.chat import MAX_PROMPT_BYTES
from aiproxy_desktop.ui.chat.writing.paste import LONGEST_LINE, paste_problem


def test_ordinary_text_may_be_pasted() -> None:
    assert paste_problem("") == ""
    assert paste_problem("a line\n" * 1000) == ""
    assert paste_problem("\ud800 a lone surrogate") == ""


def test_what_could_never_be_sent_is_refused_in_one_sentence() -> None:
    sentence = paste_problem("line\n" * (10 * 1024 * 1024 // 5))
    assert "10.0 MB" in sentence
    assert "clipboard" in sentence
    assert paste_problem("é\n" * (MAX_PROMPT_BYTES // 3)) == ""
    assert paste_problem("é" * 10 + "é\n" * (MAX_PROMPT_BYTES // 3)) != ""


def test_a_line_that_would_stall_the_window_is_refused() -> None:
    assert "break the line" in paste_problem("x" * (LONGEST_LINE + 1))
    assert paste_problem("x" * LONGEST_LINE) == ""
