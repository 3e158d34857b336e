"""The style of the week: announced, painted in by members, and shown as one collage in the end.

Rule: what takes part follows from the results that there are and from what members have said; so what was deleted is out,
and nobody has to enter anything.
"""
