"""Everything that a member reads.

Rule: nothing else in the bot holds a sentence, and nothing in here speaks to Discord.
"""
