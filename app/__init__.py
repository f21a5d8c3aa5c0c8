"""Postil: a web-based annotated reader for classes."""

__version__ = "0.1.0"
