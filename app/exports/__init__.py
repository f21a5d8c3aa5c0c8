"""Annotation sets taken home: the catalogue of formats and one module a format."""
