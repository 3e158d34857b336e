"""A ticket as tests of the storage need one."""

from bot.place import Place
from bot.storage.tickets import BundledStyle, Ticket
from engine.protocol import JobRequest, Owner, StyleChoice

REQUEST = JobRequest(owner=Owner(group="1", user="2"), styles=(StyleChoice(name="great_wave"),), strength=70)
WAVE = BundledStyle("great_wave", "The Great Wave off Kanagawa", "Katsushika Hokusai", "1831")


def ticket(created_at: float = 1.0) -> Ticket:
    return Ticket(Place(2**60, 2), 3, REQUEST, (WAVE,), "a cat", True, created_at)
