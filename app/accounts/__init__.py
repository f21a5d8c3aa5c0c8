"""People who sign in: users, sessions, attempts."""
