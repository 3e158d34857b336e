"""What a member wants painted, and from what: options and attachments become one valid order, or one sentence."""
