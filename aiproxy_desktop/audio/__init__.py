"""Microphones and speakers: devices, sound in and out, levels, files of sound."""
