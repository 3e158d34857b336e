"""Where a picture comes from: the picture that its line began with, and the result that it was made from.

Rule: only addresses of messages, as they were stored; whether the messages are still there, Discord says.
"""

from bot.storage.posts import Posted
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.words.lineage import Lineage


async def lineage_of(store: Store, ticket: Ticket) -> Lineage:
    """The addresses of a ticket's original and parent, as far as they are in messages."""
    parent = await store.tickets.find(ticket.parent_id) if ticket.parent_id is not None else None
    root = await store.tickets.find(ticket.root_id) if ticket.root_id is not None else ticket
    return Lineage(
        original=_source(root) if root is not None else None,
        parent=await result_link(store, parent) if parent is not None else None,
    )


async def result_link(store: Store, ticket: Ticket) -> str | None:
    """The address of a ticket's result, if it was posted."""
    if ticket.result_message_id is None:
        return None
    post = await store.posts.find(ticket.result_message_id)
    if post is None:
        return ticket.place.link(ticket.result_message_id)
    return link_of(post)


def link_of(post: Posted) -> str:
    """The address of a message of ours."""
    return f"https://discord.com/channels/{post.server_id or '@me'}/{post.channel_id}/{post.message_id}"


def _source(root: Ticket) -> str | None:
    return root.source_place.link(root.source_message_id) if root.source_message_id is not None else None
