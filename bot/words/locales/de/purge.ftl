purge-group = Viele Ergebnisse auf einmal löschen.
purge-command = Löschen, was ein Mitglied hier malen ließ; erst zeige ich dir, wie viel das ist.
purge-option-member = Das Mitglied; es darf auch schon weg sein.
purge-option-results = Welche Ergebnisse; ohne Wahl beide Arten.
purge-option-since = Wie weit zurück; ohne Wahl einen Tag.
purge-both = bestellte und solche aus Bildern dieses Mitglieds
purge-asked = bestellte
purge-made = solche aus Bildern dieses Mitglieds
purge-hour = die letzte Stunde
purge-day = der letzte Tag
purge-week = die letzte Woche
purge-ever = alles
purge-confirm = Löschen
purge-confirm-styles = Alles löschen, auch die Stile
purge-keep = Behalten
purge-kept = Es wurde nichts gelöscht.

purge-nothing =
    { $since ->
        [then] Da gibt es nichts zu löschen: Von { $member } finde ich keine Ergebnisse seit { $when } ({ $which }).
       *[ever] Da gibt es nichts zu löschen: Von { $member } finde ich keine Ergebnisse ({ $which }).
    }
purge-question =
    { $since ->
        [then] Das löscht { $counted } von { $member } seit { $when } ({ $which }), mit allen Kopien, endgültig. Dem Mitglied wird es nicht gesagt.
       *[ever] Das löscht { $counted } von { $member } ({ $which }), mit allen Kopien, endgültig. Dem Mitglied wird es nicht gesagt.
    }
purge-styles =
    { $count ->
        [one] Von { $member } hat dieser Server auch einen Stil, den ich mitlöschen kann: { $styles }.
       *[other] Von { $member } hat dieser Server auch { $count } Stile, die ich mitlöschen kann: { $styles }.
    }
purge-underway =
    { $count ->
        [one] 🧹 Ich lösche … { $gone } von { $count } Nachricht ist weg.
       *[other] 🧹 Ich lösche … { $gone } von { $count } Nachrichten sind weg.
    }
purge-done = 🧹 Gelöscht: { $counted }.
purge-left =
    { $count ->
        [one] Discord ist langsam: Die letzte Nachricht verschwindet nach und nach.
       *[other] Discord ist langsam: Die letzten { $count } Nachrichten verschwinden nach und nach.
    }
purge-audit = { $counted } gelöscht.

purge-results =
    { $results ->
        [one] { $results } Ergebnis
       *[other] { $results } Ergebnisse
    }{ $channels ->
        [one] { " in " }{ $channels } Kanal
       *[other] { " in " }{ $channels } Kanälen
    }
purge-waiting =
    { $count ->
        [one] { $count } noch nicht fertiges Bild
       *[other] { $count } noch nicht fertige Bilder
    }
purge-duels =
    { $count ->
        [one] { $count } Duell
       *[other] { $count } Duelle
    }
purge-counted-styles =
    { $count ->
        [one] { $count } Stil
       *[other] { $count } Stile
    }
