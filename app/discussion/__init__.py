"""Discussion: replies in threads, reactions, mentions, and what staff do to keep the room in order."""
