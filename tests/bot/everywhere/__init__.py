"""Stories of direct messages, and of places that only an interaction's token opens."""
