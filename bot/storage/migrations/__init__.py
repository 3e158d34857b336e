"""The history of the bot's database."""
