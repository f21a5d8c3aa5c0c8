"""A class at work: hundreds of people who read, mark and talk on a running server, every answer checked."""
