"""What members still do with a finished picture.

Rule: a result is never changed: whatever is made of it is a picture of its own, looked up and asked for anew.
"""
