"""Run by the frozen application before anything else: what is written to a stream that is not there goes nowhere.

A program of Windows without a console has no streams, where nobody gave it any (`sys.stdout`, Python's manual).
"""

import os
import sys

for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
    if getattr(sys, name) is None:
        setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115  # nothing more to import
