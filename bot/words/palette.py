"""What is said around the palette: the emoji that opens all paintings, and what is asked then."""

MORE = "\N{FRAME WITH PICTURE}\N{VARIATION SELECTOR-16}"  # no style's emoji


def pick_one(member_id: int) -> str:
    """What is asked beneath the picture, of whoever has tapped."""
    return f"<@{member_id}>, which painting shall it look like?"
