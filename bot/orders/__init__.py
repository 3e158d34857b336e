"""What a member wants painted, and from what: options and attachments become a valid order, or one sentence.

Rule: whatever can be checked without an image's bytes (options, what Discord says of an attachment, the bot's
permissions in the channel) is checked before anything is fetched or stored.
"""
