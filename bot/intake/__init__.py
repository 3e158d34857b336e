"""What every way in does with a picture, once it is found: the policy's word, what is still to be chosen, the order.

Rule: commands, menus, mentions and forms come here with what somebody has said, and nothing else makes an order of a
picture that was not painted here.
"""

from bot.intake.form import open_form
from bot.intake.intake import Asking, Intake, Wish

__all__ = ["Asking", "Intake", "Wish", "open_form"]
