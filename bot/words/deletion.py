"""Deleting a picture: what is asked first, and what is said then."""

from bot.words.catalogue import Phrase

DELETE = Phrase("deletion-delete")
DELETE_MENU = Phrase("deletion-menu")
CONFIRM = Phrase("deletion-confirm")
CONFIRM_HERE = Phrase("deletion-confirm-here")
CONFIRMED = Phrase("deletion-confirmed")
DELETED = Phrase("deletion-deleted")
POST_GONE = Phrase("deletion-post-gone")  # the title of a post of ours in a forum
