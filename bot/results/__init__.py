"""What members still do with a finished picture."""
