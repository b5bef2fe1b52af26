"""Models in files on this machine: what they need, how they are run, and how files come and go."""
