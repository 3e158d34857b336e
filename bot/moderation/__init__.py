"""What moderators do and are told: the audit channel, and the purge of what one member had painted."""
