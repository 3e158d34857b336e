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
styles-subject = A member's picture
