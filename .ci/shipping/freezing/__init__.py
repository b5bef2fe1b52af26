"""The application as one folder that runs without Python: what is in it, and what is the system's."""
