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
styles-fillers =
    als am an auf aus bild bitte dann das davon dein deine deinem dem den der des die dies diese dieses du ein
    eine einem einen einer einfach es für gemalt gemälde hier ich im in jetzt kannst könntest mach machen mal
    male malen malst mein meine meinem meinen meiner mich mir mit nach noch so soll stil und uns vom von wie
    will wäre würdest zu zum zur
