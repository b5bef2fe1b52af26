"""Run inside the frozen application, in the order of `contents.RUN_FIRST`, before anything else."""
