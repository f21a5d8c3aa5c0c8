"""Courses: a class, who belongs to it as what, how people join, and its groups."""
