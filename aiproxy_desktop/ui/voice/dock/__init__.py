"""Below the transcript: the talk button between two meters, and the line to type in."""
