"""Live: open pages learn at once of what others write, as far as each may see it."""
