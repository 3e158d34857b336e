settings-recipe-draft = ein schneller Blick
settings-recipe-standard = das Übliche
settings-recipe-fine = langsam, aber am besten
settings-recipe-tutorial = der Klassiker von 2018
settings-colours-painted = die Farben des Stils
settings-colours-kept = die Farben des Bildes
settings-colours-matched = die des Stils, passend zum Bild gemacht
settings-preset = { $preset }: { $width } × { $height } px, bis { $kilobytes } KB
settings-recipe = { $recipe }: { $what }
settings-recipe-timed = { $recipe }: { $what }, { $time }
settings-seconds = etwa { $count } Sekunden
settings-minutes =
    { $count ->
        [one] etwa eine Minute
       *[other] etwa { $count } Minuten
    }
settings-hours =
    { $count ->
        [one] etwa eine Stunde
       *[other] etwa { $count } Stunden
    }
settings-size = { $size } px
settings-with-colours =
    { $colours ->
        [kept] mit den Farben des Bildes
       *[matched] mit angepassten Farben
    }
settings-with-strokes = Pinselstriche × { $scale }
settings-as-preset =
    { $preset ->
        [emoji] als Emoji
        [sticker] als Sticker
        [avatar] als Avatar
       *[banner] als Banner
    }
settings-from-earlier = von einem früheren Ergebnis aus
settings-from-noise = aus Rauschen
