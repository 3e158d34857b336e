"""Switching the bot off in a server, and on again: what whoever manages it reads."""

from bot.storage.settings import Work
from bot.words.catalogue import Phrase, say

OFF = Phrase("switch-off")
ON = Phrase("switch-on")
OFF_OPTIONS = {"painting": Phrase("switch-painting")}
PAINTING = {Work.FINISH: Phrase("switch-finish"), Work.STOP: Phrase("switch-stop")}
SWITCH_ON, SWITCH_OFF = Phrase("switch-button-on"), Phrase("switch-button-off")
STOP_ALL = Phrase("switch-button-stop")


def switched(work: Work, *, is_new: bool, left: int) -> str:
    """What holds from now on; `left` pictures are still being painted."""
    if work is Work.ON:
        return say("switch-is-on" if is_new else "switch-was-on")
    told = [say("switch-is-off" if is_new else "switch-was-off"), say("switch-what")]
    if left and work is not Work.STOP:
        told.append(say("switch-left", count=left))
    return " ".join([*told, say("switch-how")])
