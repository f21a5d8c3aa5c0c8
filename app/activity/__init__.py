"""What happened, in order: events and the streams they are numbered in."""
