"""The emoji that ends the palette: it tries out all paintings."""

MORE = "\N{FRAME WITH PICTURE}\N{VARIATION SELECTOR-16}"  # no style's emoji
