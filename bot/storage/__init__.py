"""What outlives the bot: its tickets in a database, their images as files beside it."""
