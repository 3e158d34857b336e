"""The gallery: what members have starred enough is posted once, and says how many stars it has.

Rule: what is starred and what counts is `bot.storage.stars`; whether a picture may be shown is asked of the policy, each time.
"""
