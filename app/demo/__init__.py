"""The demo: a throw-away class with people, marks and threads, to be tried before anything is set up."""
