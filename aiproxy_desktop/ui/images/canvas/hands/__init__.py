"""The tools: each knows what a press, a movement and a key mean to it, and draws what is half made."""
