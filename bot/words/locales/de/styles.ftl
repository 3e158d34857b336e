styles-quoted = „{ $name }“
styles-name = „{ $title }“ von { $artist }, { $year }
styles-undated = „{ $title }“ von { $artist }
styles-of-member = *{ $title }* von { $author }
styles-of-somebody = *{ $title }*
styles-attached =
    { $count ->
        [one] das angehängte Stilbild
       *[other] die { $count } angehängten Stilbilder
    }
styles-of-attached =
    { $count ->
        [one] dem angehängten Stilbild
       *[other] den { $count } angehängten Stilbildern
    }
styles-several = { $count } Stile
styles-in-several = in { $count } Stilen
styles-in = im Stil von { $styles }
styles-subject = Das Bild eines Mitglieds
