"""One cog for each thing a member wants to do."""
