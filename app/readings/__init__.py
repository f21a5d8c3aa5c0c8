"""Readings: an article opened by somebody to be annotated, with its audiences and progress."""
