"""Deleting a picture: what is asked first, and what is said then."""

DELETE = "Delete"
DELETE_MENU = "Delete this result"
CONFIRM = "Delete this picture for good, with its copies, its moments and its time-lapse?"
CONFIRMED = "Yes, delete it"
DELETED = "Deleted."
