"""Switching the bot off in a server, and on again: what whoever manages it reads."""

from bot.storage.settings import Work

OFF = "Switch me off in this server: I paint nothing until you switch me on again."
ON = "Switch me on again in this server."
OFF_OPTIONS = {
    "painting": "What becomes of pictures that are being painted right now; the others are stopped."
}
PAINTING = {Work.FINISH: "They are finished", Work.STOP: "They are stopped too"}
SWITCH_ON, SWITCH_OFF, STOP_ALL = "Switch on", "Switch off", "Stop those too"


def switched(work: Work, *, is_new: bool, left: int) -> str:
    """What holds from now on; `left` pictures are still being painted."""
    if work is Work.ON:
        if not is_new:
            return "▶️ I am switched on here already."
        return (
            "▶️ I am switched on again. What was stopped does not come back by itself: members can ask again."
        )
    head = "⏸️ I am switched off in this server." if is_new else "⏸️ I am switched off in this server already."
    told = "I take nothing new and put no emojis under pictures; what was waiting is stopped, and its members are told."
    return " ".join(part for part in (head, told, _left(work, left), "`/on` switches me on again.") if part)


def _left(work: Work, left: int) -> str:
    if work is Work.STOP or not left:
        return ""
    return "One picture is still being painted." if left == 1 else f"{left} pictures are still being painted."
