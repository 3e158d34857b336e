"""What strangers send, by the thousand: each harness here prints a table, and a sample of it is a test."""
