"""The notebook: everything that a person marked, in all articles."""
