week-group = Der Stil der Woche.
week-show = Was der Stil der Woche ist, und welches deiner Bilder dabei ist.
week-style = Den Stil der nächsten Woche wählen, für alle, die den Server verwalten.
week-end = Die Collage dieser Woche jetzt posten, für alle, die den Server verwalten.
week-style-option = Das Gemälde; ohne Angabe wähle ich.
week-now-option = Sofort ankündigen, nicht erst zur üblichen Zeit.
week-mine = Mein Bild
week-take-this = Dieses nehmen
week-leave-out = Ohne mich
week-take-part = Doch mit mir
week-none-yet = Du hast noch kein Bild in diesem Stil: Der Knopf unter der Ankündigung oder `/stilisieren` malt eins.
week-is-out = Keins deiner Bilder kommt in die Collage.
week-says-no = Keins deiner Bilder kommt in die Collage: So hast du es mit `/datenschutz galerie` gesagt.
week-nobody-yet = Noch hat niemand ein Bild darin, also gibt es nichts zu zeigen: Die Woche geht weiter.
week-nobody-left = Es ist kein Bild mehr da, das sich zeigen ließe, also endet die Woche ohne Collage.
week-collage-posted = Die Collage ist hier: { $url }
week-announced = Angekündigt: { $url }

week-announcement =
    🖼️ **Stil der Woche: { $style }**
    Lass ein Bild von dir darin malen: Tipp unter deinem Bild in einem Kunstkanal auf { $emoji }, nimm `/stilisieren`, oder drück den Knopf.
    Am <t:{ $ends }:F> mache ich aus allen euren Bildern eine Collage, mit euren Namen: von allen eins, das neueste, außer du wählst ein anderes oder willst nicht dabei sein.
week-chosen-by = Gewählt von <@{ $member }>.
week-original = Das Bild, aus dem er gemacht ist: { $url }
week-withdrawn = Den Stil dieser Woche gibt es nicht mehr: Er wurde zurückgenommen oder entfernt, also ist die Woche zu Ende. Die nächste beginnt zur üblichen Zeit.
week-its-emoji = sein Emoji
week-study-alt = Eine Studie von { $title } von { $artist }

week-status =
    { $members ->
        [0] Stil der Woche: { $style }. Noch macht niemand mit. Die Collage kommt <t:{ $ends }:R>.
        [one] Stil der Woche: { $style }. Bisher macht ein Mitglied mit. Die Collage kommt <t:{ $ends }:R>.
       *[other] Stil der Woche: { $style }. Bisher machen { $members } Mitglieder mit. Die Collage kommt <t:{ $ends }:R>.
    }
week-planned = Der nächste Stil der Woche ist { $style }. Es geht los <t:{ $begins }:R>.
week-unplanned = Den nächsten Stil der Woche wähle ich. Es geht los <t:{ $begins }:R>.
week-in-it = Dieses Bild von dir kommt in die Collage: { $link }
week-pick-another = Wähl unten ein anderes, wenn es dir besser gefällt.
week-newest = Das neueste
week-older = Nummer { $number } vom neuesten an

week-head =
    { $members ->
        [one] 🖼️ **{ $style }: der Stil der Woche, von einem Mitglied**
       *[other] 🖼️ **{ $style }: der Stil der Woche, von { $members } Mitgliedern**
    }
week-full = Es ist Platz für { $count } Bilder, und diese waren die ersten.
week-gone = zurückgenommen
week-credit = <@{ $member }> (Bild von <@{ $author }>)
week-collage-alt =
    { $members ->
        [one] Das Bild eines Mitglieds im Stil von { $title }. { $shown }
       *[other] Die Bilder von { $members } Mitgliedern im Stil von { $title }, nummeriert. { $shown }
    }
week-thread = { $title }: eure Bilder
