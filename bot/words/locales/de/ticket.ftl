ticket-cancel = Abbrechen
ticket-finish = Anhalten und behalten
ticket-cancelled = Angehalten: Es wurde nichts behalten.
ticket-withdrawn = Das Bild, aus dem das hier wurde, ist weg, darum habe ich angehalten: Es wurde nichts behalten.
ticket-switched-off = Auf diesem Server wurde ich ausgeschaltet, darum habe ich angehalten: Es wurde nichts behalten.
ticket-one-style-gone = Einer der Stile ist nicht mehr im Museum dieses Servers, darum habe ich angehalten: Es wurde nichts behalten. Versuch es bitte ohne ihn noch einmal.
ticket-style-gone = Dieser Stil ist nicht mehr im Museum dieses Servers, darum habe ich angehalten: Es wurde nichts behalten. Wähl bitte einen anderen.
ticket-deleted = Dieses Bild wurde gelöscht.
ticket-waiting-engine-unreachable = Die Malmaschine ist gerade nicht erreichbar: Dein Bild wartet hier, bis sie wieder da ist.
ticket-waiting-engine-busy = Die Malmaschine hat viel zu tun: Dein Bild wartet hier, und ich frage weiter nach.
ticket-waiting-engine-full = Die Festplatte der Malmaschine ist gerade voll: Dein Bild wartet hier, bis Platz ist.
ticket-waiting-engine-locked = Die Malmaschine steht gerade nicht zur Verfügung: Dein Bild wartet hier so lange.
ticket-waiting-discord-away = Discord gibt mir dein Bild gerade nicht: Ich frage weiter danach.
ticket-waiting-disk-full = Meine Festplatte ist gerade voll: Dein Bild wartet hier, bis Platz ist.
ticket-waiting-images-away = Ich komme gerade nicht an meinen Bilderspeicher: Dein Bild wartet hier, bis ich es wieder kann.

ticket-preview = { $subject }, wird gerade { $how } gemalt: { $percent } % fertig
ticket-developing = Unterwegs: Sieh ihm hier beim Entstehen zu: { $url }
ticket-finished = Fertig: { $url }
ticket-heading = **{ $how }**, für { $member }

ticket-queued =
    { $before ->
        [0] Als Nächstes dran, fertig { $when }.
        [one] In der Warteschlange, mit { $before } Bild davor, fertig { $when }.
       *[other] In der Warteschlange, mit { $before } Bildern davor, fertig { $when }.
    }
ticket-paused =
    { $before ->
        [0] Das Malen ist gerade unterbrochen: Das hier ist als Nächstes dran, sobald es weitergeht.
        [one] Das Malen ist gerade unterbrochen: Das hier wartet in der Warteschlange, mit { $before } Bild davor, bis es weitergeht.
       *[other] Das Malen ist gerade unterbrochen: Das hier wartet in der Warteschlange, mit { $before } Bildern davor, bis es weitergeht.
    }
ticket-started = Das Malen hat begonnen, fertig { $when }.
ticket-percent = { $bar } { $percent } %, fertig { $when }.
ticket-tiles = { $bar } { $done } von { $styles }, fertig { $when }.
ticket-late = Das dauert länger, als ich dachte: fertig { $when }.
ticket-late-still = Das dauert länger, als ich dachte: Ich bin noch dran.
ticket-stopping = Ich halte das an, sobald die Malmaschine erreichbar ist.
ticket-on-its-way = Dein Bild ist unterwegs zur Malmaschine.
ticket-at = gegen { $time }
ticket-late-closed = Das dauert länger als die 15 Minuten, die Discord mir hier gibt, und deine Direktnachrichten sind für mich geschlossen. Ich male es trotzdem: Wenn es fertig ist, holt `/zeigen bild:{ $ticket }` es dir.
ticket-late-restricted = Das dauert länger als die 15 Minuten, die Discord mir hier gibt, und was eine Altersbeschränkung hat, schicke ich nirgendwo anders hin. Ich male es trotzdem: Wenn es fertig ist, holt `/zeigen bild:{ $ticket }` es dir in jedem Kanal mit Altersbeschränkung.
ticket-moved = Das dauert länger als die 15 Minuten, die Discord mir hier gibt, darum mache ich in unseren Direktnachrichten weiter: { $url }
