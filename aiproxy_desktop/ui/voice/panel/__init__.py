"""The voice tab's panel: which model, how it speaks, through which devices, with which help."""
