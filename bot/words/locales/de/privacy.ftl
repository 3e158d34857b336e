privacy-group = Was ich über dich aufbewahre.
privacy-show = Alles ansehen, was ich über dich aufbewahre; sonst sieht es niemand.
privacy-delete = Löschen, was ich über dich aufbewahre; ich frage vorher, was alles.
privacy-file = was-ich-ueber-dich-aufbewahre.json

privacy-delete-now = Meine Daten löschen
privacy-keep = Alles behalten
privacy-kept = Es wurde nichts gelöscht.
privacy-nothing = Ich bewahre nichts über dich auf.

privacy-summary = Das bewahre ich über dich auf; in der Datei steht alles.
privacy-how = -# `/datenschutz löschen` löscht es.
privacy-count-tickets =
    { $count ->
        [one] { $count } Bild, das du bestellt hast oder das aus einem von deinen entstanden ist
       *[other] { $count } Bilder, die du bestellt hast oder die aus einem von deinen entstanden sind
    }
privacy-count-posts =
    { $count ->
        [one] { $count } Nachricht von mir, die eins davon zeigt
       *[other] { $count } Nachrichten von mir, die sie zeigen
    }
privacy-count-reactions =
    { $count ->
        [one] { $count } Reaktion, die ein Bild bestellt hat
       *[other] { $count } Reaktionen, die ein Bild bestellt haben
    }
privacy-count-consents =
    { $count ->
        [one] { $count } Antwort darauf, ob andere deine Bilder malen lassen dürfen
       *[other] { $count } Antworten darauf, ob andere deine Bilder malen lassen dürfen
    }
privacy-count-consents-asked =
    { $count ->
        [one] { $count } Frage dazu, die noch offen ist
       *[other] { $count } Fragen dazu, die noch offen sind
    }
privacy-count-museum =
    { $count ->
        [one] { $count } Bild, das ein Stil eines Servers ist, war oder werden kann, von dir oder von dir vorgeschlagen
       *[other] { $count } Bilder, die Stile von Servern sind, waren oder werden können, von dir oder von dir vorgeschlagen
    }
privacy-count-museum-votes =
    { $count ->
        [one] { $count } Stimme für ein solches Bild
       *[other] { $count } Stimmen für solche Bilder
    }
privacy-count-audit =
    { $count ->
        [one] { $count } Einstellung eines Servers, die du geändert hast
       *[other] { $count } Einstellungen von Servern, die du geändert hast
    }
privacy-count-weeks =
    { $count ->
        [one] { $count } Stil der Woche, den du gewählt hast
       *[other] { $count } Stile der Woche, die du gewählt hast
    }
privacy-count-entries =
    { $count ->
        [one] { $count } Wahl von dir zu einem Stil der Woche
       *[other] { $count } Entscheidungen von dir zu Stilen der Woche
    }
privacy-count-duels =
    { $count ->
        [one] { $count } Duell von dir
       *[other] { $count } Duelle von dir
    }
privacy-count-votes =
    { $count ->
        [one] { $count } Stimme von dir in einem Duell
       *[other] { $count } Stimmen von dir in Duellen
    }
privacy-count-blocks =
    { $count ->
        [one] { $count } Entscheidung der Moderation über dich, oder von dir über andere
       *[other] { $count } Entscheidungen der Moderation über dich, oder von dir über andere
    }
privacy-count-images =
    { $count ->
        [one] { $count } Auftrag, dessen Bilder ich noch habe
       *[other] { $count } Aufträge, deren Bilder ich noch habe
    }

privacy-question = Damit wird gelöscht, was ich über dich aufbewahre: die Bilder, die du geschickt hast, was du bestellt hast, deine Reaktionen, und was die Malmaschine davon hat. Was gerade für dich gemalt wird, wird abgebrochen, und deine Bilder sind keine Stile mehr.
privacy-results-go = Die Ergebnisse, die du bestellt hast, werden aus ihren Kanälen gelöscht.
privacy-results-stay = Die Ergebnisse, die du bestellt hast, bleiben, wo sie gepostet wurden.
privacy-pictures-go = Die Ergebnisse, die andere aus deinen Bildern oder in einem Stil von dir gemacht haben, werden aus ihren Kanälen gelöscht.
privacy-pictures-stay = Die Ergebnisse, die andere aus deinen Bildern oder in einem Stil von dir gemacht haben, bleiben, wo sie gepostet wurden.
privacy-no-stays = Dein „Nein“ dazu, dass andere deine Bilder malen lassen, merke ich mir, sonst nichts.
privacy-no-goes = Dein „Nein“ dazu, dass andere deine Bilder malen lassen, vergesse ich auch.
privacy-leave-results = Meine Ergebnisse stehen lassen
privacy-take-results = Auch meine Ergebnisse löschen
privacy-leave-pictures = Ergebnisse anderer stehen lassen
privacy-take-pictures = Ergebnisse aus meinen Bildern löschen
privacy-forget-no = Auch mein „Nein“ vergessen
privacy-remember-no = Mein „Nein“ merken
privacy-deleted = Gelöscht.
privacy-results-disappear = Die Ergebnisse verschwinden gleich aus ihren Kanälen.
privacy-seen = Vier Tage lang merke ich mir noch, auf welche Bilder du reagiert hast, sonst würde ich sie noch einmal malen.
privacy-still-counted = Weil es eine Grenze je Tag gibt, merke ich mir einen Tag lang auch, wie viele Bilder du bestellt hast, und sonst nichts davon.
privacy-count-counted =
    { $count ->
        [one] { $count } Bild, das noch für eine Grenze je Tag zählt, obwohl ich sonst nichts davon weiß
       *[other] { $count } Bilder, die noch für eine Grenze je Tag zählen, obwohl ich sonst nichts davon weiß
    }
privacy-count-stars =
    { $count ->
        [one] { $count } Stern, den du einem Bild gegeben hast
       *[other] { $count } Sterne, die du Bildern gegeben hast
    }
privacy-count-pieces =
    { $count ->
        [one] { $count } Bild von dir, das Sterne bekommen hat
       *[other] { $count } Bilder von dir, die Sterne bekommen haben
    }
privacy-count-refusals =
    { $count ->
        [one] { $count } Server, in dessen Galerie du nicht sein möchtest
       *[other] { $count } Server, in deren Galerien du nicht sein möchtest
    }
