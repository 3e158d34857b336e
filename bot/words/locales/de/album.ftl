album-newer = Neuere
album-older = Ältere
album-bring-back = Eins zurückholen
album-show = Ein Bild zurückholen, das hier gemalt wurde.
album-show-picture = Ein Link zu meiner Nachricht damit, oder sein Code aus `/history`.
album-show-post = Hier für alle posten; sonst siehst nur du es.
album-history = Deine Bilder, die neuesten zuerst; die Liste siehst nur du.
album-queue = Welche Bilder hier warten und wann deine fertig sind; das siehst nur du.
album-no-history = Du hast hier noch keine Bilder: `/stylize` auf einem Server malt dein erstes.
album-no-more-history = Ältere Bilder hast du hier nicht.
album-nobody-waits = Hier wartet niemand auf ein Bild: Deins käme als Nächstes dran.

album-pictures = Deine Bilder hier:
album-see = ansehen
album-sheet = Deine Bilder, nummeriert. { $named }
album-number = Nummer { $number }

album-yours = Deine
album-others = Die von anderen in diesem Kanal
album-elsewhere =
    { $count ->
        [one] Und noch eins in einem anderen Kanal dieses Servers.
       *[other] Und noch { $count } in anderen Kanälen dieses Servers.
    }
album-turns = Die Server kommen abwechselnd dran, und ebenso die Mitglieder eines Servers.
