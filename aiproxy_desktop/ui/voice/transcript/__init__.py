"""What was said so far: turns, calls and remarks in one virtual column."""
