provenance-painted = Gemalt von Atelier { $version } im Stil von { $styles }.
provenance-settings = Rezept **{ $recipe }**, Stärke { $strength }, { $width } × { $height } px, Seed { $seed }
provenance-steps =
    { $count ->
        [one] { $count } Malschritt
       *[other] { $count } Malschritte
    }
provenance-style-reached = { $percent } % des Weges zum Stil
provenance-content-kept = { $percent } % der Formen des Bildes erhalten
provenance-content-lost = von den Formen des Bildes kaum etwas erhalten
provenance-again = So entsteht es noch einmal:
provenance-image = einem Stilbild
provenance-share = { $style } ({ $percent } %)
provenance-the-picture = das Bild
provenance-the-style-image = das Stilbild
provenance-the-mask = die Maske
provenance-went-on = Es ging von einem früheren Ergebnis aus weiter, darum kommt das hier nur nahe heran: Drück stattdessen denselben Knopf unter jenem Ergebnis.
provenance-from-noise = Es begann mit Rauschen, was `/stilisieren` nie tut, darum kommt das hier nur nahe heran.
provenance-unfinished = Es ist von vor dem Ende des Malens, und der Befehl malt es zu Ende.
provenance-limited = Seine Zeit war auf eine Art begrenzt, die `/stilisieren` nicht anbietet.
provenance-mixed = Seine Stile waren auf eine Art gemischt, die `/stilisieren` nicht anbietet.
