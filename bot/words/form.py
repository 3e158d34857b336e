"""The form that takes a picture and a style: its labels, each with a line beneath."""

from collections.abc import Sequence

from engine.protocol import IMAGE_FORMATS

TITLE = "Paint a picture"
OPEN = "Paint a picture"
PICTURE = ("Your picture", f"A {IMAGE_FORMATS}")
STYLE = ("A painting", "Which style shall your picture have?")
OWN = ("Or one of this server’s styles", "Made from a member’s picture, with their consent")
IMAGES = ("Or your own style images", "By themselves, or mixed with the painting")
STRENGTH = ("How much style", "The more style, the less of your picture")


def strength(value: int, all_values: Sequence[int]) -> str:
    """One of the strengths that can be chosen."""
    match all_values.index(value):
        case 0:
            return f"A touch ({value})"
        case n if n == len(all_values) - 1:
            return f"Very strong ({value})"
        case n if n == len(all_values) // 2:
            return f"Balanced ({value})"
        case n:
            return f"{'Light' if n < len(all_values) // 2 else 'Strong'} ({value})"
