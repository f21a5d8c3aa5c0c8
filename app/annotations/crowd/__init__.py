"""The crowd: how many people marked what, kept by each write, so that drawing costs the same for ten as for a thousand.

What is counted for whom: `docs/decisions/0020-the-crowd.md`.
"""
