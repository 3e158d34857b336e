"""Private links to finished pictures: the whole file, for what no message on Discord takes.

Rule: the bot serves them and the engine stays private, for the bot knows at each request whether a picture was deleted, and
has nothing to listen for unless its owner has given an address. A link is worth one file, read only, until its end.
"""
