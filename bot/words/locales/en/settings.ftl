settings-recipe-draft = a quick look
settings-recipe-standard = the usual
settings-recipe-fine = slow, but the best
settings-recipe-tutorial = the 2018 classic
settings-colours-painted = the style’s colours
settings-colours-kept = the picture’s own colours
settings-colours-matched = the style’s, made to suit the picture
settings-preset = { $preset }: { $width } × { $height } px, up to { $kilobytes } KB
settings-recipe = { $recipe }: { $what }
settings-recipe-timed = { $recipe }: { $what }, { $time }
settings-seconds = about { $count } seconds
settings-minutes =
    { $count ->
        [one] about a minute
       *[other] about { $count } minutes
    }
settings-hours =
    { $count ->
        [one] about an hour
       *[other] about { $count } hours
    }
settings-size = { $size } px
# What was set besides, as parts of a list
settings-with-colours = colours { $colours }
settings-with-strokes = strokes × { $scale }
settings-as-preset = as { $preset }
settings-from-earlier = from an earlier result
settings-from-noise = from noise
