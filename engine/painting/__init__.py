"""One job on one device: images and a plan become steps, of which each can be looked at.

Rule: nothing in here knows of queues, owners, pipes or HTTP.
"""
