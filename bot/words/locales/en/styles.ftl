styles-quoted = “{ $name }”
styles-name = “{ $title }” by { $artist }, { $year }
styles-undated = “{ $title }” by { $artist }
styles-of-member = *{ $title }* by { $author }
styles-of-somebody = *{ $title }*
styles-attached =
    { $count ->
        [one] the attached style image
       *[other] the { $count } attached style images
    }
# The same as the object of "in the style of"
styles-of-attached =
    { $count ->
        [one] the attached style image
       *[other] the { $count } attached style images
    }
styles-several = { $count } styles
styles-in-several = in { $count } styles
styles-in = in the style of { $styles }
styles-subject = A member’s picture
# What people say around the name of a style that they ask for
styles-fillers =
    a an and as by can could do for from in into it like look make me my of on paint painted painting picture
    please pls style that this to with would you
