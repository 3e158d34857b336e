"""A Discord stand-in on 127.0.0.1, and the first picture."""
