switch-off = Mich auf diesem Server ausschalten: Ich male nichts, bis du mich wieder einschaltest.
switch-on = Mich auf diesem Server wieder einschalten.
switch-painting = Was aus Bildern wird, die gerade gemalt werden; die anderen werden angehalten.
switch-finish = Sie werden fertig
switch-stop = Sie werden auch angehalten
switch-button-on = Einschalten
switch-button-off = Ausschalten
switch-button-stop = Diese auch anhalten
switch-was-on = ▶️ Ich bin hier schon eingeschaltet.
switch-is-on = ▶️ Ich bin wieder eingeschaltet. Was angehalten wurde, kommt nicht von selbst zurück: Man kann es neu bestellen.
switch-is-off = ⏸️ Ich bin auf diesem Server ausgeschaltet.
switch-was-off = ⏸️ Ich bin auf diesem Server schon ausgeschaltet.
switch-what = Ich nehme nichts Neues an und setze keine Emojis unter Bilder; was gewartet hat, ist angehalten, und wer darauf gewartet hat, erfährt es.
switch-left =
    { $count ->
        [one] Ein Bild wird noch gemalt.
       *[other] { $count } Bilder werden noch gemalt.
    }
switch-how = `/an` schaltet mich wieder ein.
