"""A server's museum: how members' pictures become styles there, and how they are looked at, renamed and taken back.

Rule: nobody's picture becomes a style without their own yes, which only they can give; and they can take it back whatever
else has happened: having been blocked, having left, or there being no room for anything.
"""
