"""Teaching: setting readings for a course, following how far each student is, revealing, extending."""
