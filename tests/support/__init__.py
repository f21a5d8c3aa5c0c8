"""What the suite needs from outside Python: a browser and a PostgreSQL server."""
