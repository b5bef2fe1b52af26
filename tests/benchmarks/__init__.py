"""Figures the project is held to, as ratios to a yardstick measured in the same run: `make bench`.

A benchmark is a module here with `measure() -> list[Figure]`, named in `__main__`. None fails for slowness.
"""
