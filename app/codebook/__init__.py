"""Tagsets and tags."""
