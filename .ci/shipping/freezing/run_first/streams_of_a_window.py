"""Run by the frozen application before anything else: it has streams, whatever started it.

A program of Windows without a console has none where nobody gave it any (`sys.stdout` in the manual). What
is written to these goes nowhere.
"""

import os
import sys

for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
    if getattr(sys, name) is None:
        setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # imports nothing
