"""Model text into blocks of our own, and code into coloured runs. The one door for model text."""
