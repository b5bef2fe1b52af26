"""What makes the packages that people install: `PYTHONPATH=.ci python -m shipping STEP`."""
