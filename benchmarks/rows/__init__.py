"""The pieces of work that are measured, a module a kind."""
