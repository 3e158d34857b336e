"""A picture that a member waits for: from the order's acceptance to the message with the result.

Rule: a ticket is stored before the engine hears of it, and ends only when its result is posted or its member is told
why there is none.
"""
