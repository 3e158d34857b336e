"""One warm model on one device, and what a job needs from it: the seam between a worker and the maths.

Rule: everything here may block; it runs in a worker process or behind the command line, never on an event loop.
"""
