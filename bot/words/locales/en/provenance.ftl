provenance-painted = Painted by Atelier { $version } in the style of { $styles }.
provenance-settings = recipe **{ $recipe }**, strength { $strength }, { $width } × { $height } px, seed { $seed }
provenance-steps = { $count } steps of painting
provenance-style-reached = { $percent }% of the way to the style
provenance-content-kept = { $percent }% of the picture’s shapes kept
provenance-content-lost = hardly any of the picture’s shapes kept
provenance-again = To make it again:
# One of $styles, as the object of "in the style of"
provenance-image = a style image
provenance-share = { $style } ({ $percent }%)
# What stands for a file in a command
provenance-the-picture = the picture
provenance-the-style-image = the style image
provenance-the-mask = the mask
provenance-went-on = It went on from an earlier result, so this only comes close: press the same button under that one instead.
provenance-from-noise = It began with noise, which `/stylize` never does, so this only comes close.
provenance-unfinished = It is from before the painting was finished, and the command paints it to the end.
provenance-limited = Its time was limited in a way that `/stylize` does not offer.
provenance-mixed = Its styles were mixed in a way that `/stylize` does not offer.
