errors-apology = Bei mir ist etwas schiefgegangen; ich habe es mir notiert. Versuch es bitte noch einmal.
errors-restarted = Ich wurde neu gestartet, bevor ich antworten konnte: Frag bitte noch einmal.

errors-the-image =
    { $called ->
        [name] { errors-image } („{ $own }“)
       *[no] { errors-image }
    }
errors-image =
    { $image ->
        [content] Das Bild
        [style]
            { $nth ->
                [0] Das Stilbild
               *[other] Das { errors-ordinal } Stilbild
            }
        [mask]
            { $nth ->
                [0] Die Maske
               *[other] Die { errors-ordinal } Maske
            }
        [previous] Das frühere Ergebnis
        [request] Die Anfrage
        [painting] Das Gemälde
        [study] Die Studie
       *[snapshot] Der Zwischenstand
    }
errors-ordinal =
    { $nth ->
        [1] erste
        [2] zweite
        [3] dritte
        [4] vierte
        [5] fünfte
        [6] sechste
        [7] siebte
        [8] achte
        [9] neunte
        [10] zehnte
        [11] elfte
        [12] zwölfte
       *[other] { $nth }.
    }

# Die des Bots
errors-missing-permissions =
    { $count ->
        [one] In diesem Kanal kann ich nicht malen: Mir fehlt hier die Berechtigung { $permissions }.
       *[other] In diesem Kanal kann ich nicht malen: Mir fehlen hier die Berechtigungen { $permissions }.
    }
errors-may-not =
    { $count ->
        [one] Dafür brauchst du hier die Berechtigung { $permissions }.
       *[other] Dafür brauchst du hier die Berechtigungen { $permissions }.
    }
errors-blocked = Die Moderation dieses Servers lässt dich mich hier nicht benutzen.
errors-not-invited = Meine Befehle sind auf diesem Server, ich aber nicht: Wer ihn verwaltet, kann mich einladen mit { $link }
errors-not-set-up = Dieser Kanal ist nicht für Kunst eingerichtet: Wer den Server verwaltet, kann das mit `/einrichten` tun.
errors-not-a-starter = Nur Mitglieder mit der Rolle { $roles } können hier Bilder malen lassen.
errors-too-many-open = Hier ist für dich schon so viel unterwegs: { $waiting }. Warte bitte, bis eins deiner Bilder fertig ist.
errors-cooling-down = Dieser Server möchte eine Pause zwischen zwei Bildern: Noch { DURATION($seconds) }, dann versuch es bitte noch einmal.
errors-server-too-many-open = Auf diesem Server ist schon so viel unterwegs, wie er erlaubt ({ $waiting }): Warte bitte, bis eins davon fertig ist.
errors-member-day-full = Du hattest hier in den letzten 24 Stunden so viele Bilder, wie dieser Server erlaubt ({ $limit }): Das nächste kannst du { $at } haben.
errors-server-day-full = Dieser Server hatte in den letzten 24 Stunden so viele Bilder, wie er erlaubt ({ $limit }): Platz für das nächste ist { $at }.
errors-personal-day-full = Du hattest in den letzten 24 Stunden außerhalb von Servern so viele Bilder, wie ich für eine Person male ({ $limit }): Das nächste kannst du { $at } haben.
errors-nobody-to-ask = Dieses Bild ist von jemand anderem, und hier kann ich nicht fragen: Ich male deine eigenen Bilder, Dateien, die du mitschickst, und Bilder von denen, die das mit `/einwilligung` für alle Server erlauben.
errors-too-long-here = Das würde etwa { DURATION($seconds) } dauern, und hier gibt mir Discord 15 Minuten: Wähl bitte eine kleinere Größe oder das Rezept draft, oder frag mich in einer Direktnachricht oder auf einem Server, auf dem ich bin; dort darf es so lange dauern, wie es braucht.
errors-switched-off = Auf diesem Server bin ich gerade ausgeschaltet: Wer ihn verwaltet, kann mich mit `/an` einschalten.
errors-paused = Ich nehme gerade keine neuen Bilder an, so möchte es, wer mich betreibt: Versuch es bitte später noch einmal.
errors-barred = Wer mich betreibt, lässt dich mich nicht benutzen.
errors-server-barred = Wer mich betreibt, lässt mich auf diesem Server nicht arbeiten.
errors-age-restricted = Dieses Bild ist aus einem Kanal mit Altersbeschränkung, darum kann es nur in einem solchen gezeigt werden.
errors-author-says-no = Wer dieses Bild gemacht hat, möchte nicht, dass andere es malen lassen.
errors-not-an-emoji = Dieses Emoji kann hier nicht der Stern sein: Nimm bitte eins, das für kein Gemälde steht, oder den Namen von einem dieses Servers.
errors-not-for-all = Nicht alle, die die Galerie sehen, sehen auch den Kanal dieses Bildes, darum wird es dort nicht gezeigt.
errors-not-yours-to-show = Das kann nur, wem das Bild gehört, wer es bestellt hat, oder die Moderation; was sie herausgenommen hat, kann nur sie wieder hineintun.
errors-not-in-gallery = Wem dieses Bild gehört, möchte nicht in die Galerie.
errors-only-own-pictures = Auf diesem Server kannst du deine eigenen Bilder malen lassen, aber nicht die von anderen.
errors-consent-needed = { $author } hat dieses Bild gemacht und muss erst Ja sagen.
errors-author-unknown = Ich weiß nicht, von wem dieses Bild ist, und kann darum nicht fragen: Nimm bitte die Nachricht, in der es zuerst gepostet wurde.
errors-not-a-curator = Was in das Museum dieses Servers kommt, entscheidet nur die Moderation: Frag sie bitte.
errors-not-for-museum = Nur ein Bild, das ein Mitglied hier selbst gepostet hat, kann ein Stil werden: Nimm bitte seine erste Nachricht.
errors-museum-full = Das Museum dieses Servers ist voll, mit { $limit } Stilen: Die Moderation kann mit `/museum` einen entfernen.
errors-style-there = Dieses Bild ist schon im Museum dieses Servers, oder wartet dort auf eine Antwort: Sieh nach mit `/museum`.
errors-offered-enough = Ein paar deiner Bilder warten noch auf eine Antwort: Biete dieses bitte danach an.
errors-style-declined = Das wurde schon gefragt, und die Antwort war Nein: Nimm bitte ein anderes Bild.
errors-bad-style-name = Wähl bitte einen Namen aus { $least } bis { $most } Buchstaben, Ziffern und Leerzeichen, mit mindestens einem Buchstaben.
errors-style-name-taken = Der Name „{ $title }“ ist hier schon vergeben: Wähl bitte einen anderen.
errors-bad-style-emoji = Wähl bitte eins dieser Emojis: { $emojis }
errors-style-emoji-taken = { $emoji } steht hier schon für etwas anderes. Diese sind frei: { $free }
errors-style-over = Das ist schon entschieden: Sieh nach mit `/museum`.
errors-own-vote = Es ist dein eigenes Bild, darum entscheiden die anderen.
errors-style-taken-back = „{ $title }“ wurde zurückgezogen, darum male ich nichts mehr in diesem Stil: Wähl bitte einen anderen.
errors-style-removed = „{ $title }“ ist nicht mehr im Museum dieses Servers: Wähl bitte einen anderen Stil.
errors-style-elsewhere = „{ $title }“ gehört einem anderen Server und lässt sich nur dort benutzen: Wähl bitte einen anderen Stil.
errors-no-picture = In dieser Nachricht ist kein Bild, das ich malen kann: Such bitte eine andere aus.
errors-no-picture-here = Ich sehe in diesem Kanal kein neues Bild: Schick bitte eins mit.
errors-pictures-not-seen = Discord zeigt mir nicht, was andere hier posten: Öffne bitte das Menü der Nachricht, dann Apps, dann *{ help-stylize-menu }*, oder schick das Bild mit.
errors-message-not-seen = Ich finde diese Nachricht nicht: Prüf bitte den Link, und ob wir beide sie lesen dürfen.
errors-no-such-source = Gib mir bitte einen Link zu einer Nachricht auf diesem Server, ihre ID oder ein eigenes Emoji: Gewöhnliche Emoji haben kein Bild, das ich malen kann.
errors-foreign-address = Aus dem Web hole ich nichts: Poste das Bild bitte hier, oder gib mir einen Link zu seiner Nachricht.
errors-several-styles = Das kann { $titles } sein: Wähl bitte eins davon aus der Liste.
errors-unknown-recipe = Ich kenne die Rezepte { $recipes }: Wähl bitte eins davon, oder lass das weg.
errors-several-sources = Gib mir bitte ein einziges Bild: eine Datei, einen Link oder ein Mitglied.
errors-no-avatar = Da ist noch kein eigener Avatar: Wähl bitte ein anderes Bild.
errors-drawn-sticker = Dieser Sticker ist mit bewegten Linien gezeichnet, die ich nicht malen kann: Wähl bitte ein anderes Bild.
errors-of-another-bot = Was andere Bots gepostet haben, male ich nicht: Wähl bitte ein anderes Bild.
errors-not-finished = Dieses Bild ist noch nicht fertig: Warte bitte auf das Ergebnis.
errors-author-gone = { $author } hat dieses Bild gemacht und müsste Ja sagen, ist aber nicht hier.
errors-asked-enough = { $author } hat dieses Bild gemacht und wurde heute schon ein paar Mal gefragt: Versuch es bitte morgen wieder.
errors-not-the-author = Darauf kann nur { $author } antworten, denn von dort ist das Bild.
errors-cannot-be-blocked = Du kannst weder Bots noch dich selbst sperren, und niemanden, der diesen Server verwaltet.
errors-not-fetched = { errors-the-image } ließ sich nicht von Discord holen: Versuch es bitte noch einmal.
errors-not-yours = Anhalten kann das nur, wer das Bild bestellt hat, oder die Moderation.
errors-not-yours-to-delete = Löschen kann das nur, wer das Bild bestellt hat, wer das Original gemacht hat, oder die Moderation.
errors-ticket-over = Dieses Bild ist schon fertig, da gibt es nichts mehr anzuhalten.
errors-already-underway = Genau dieses Bild wird schon für dich gemalt.
errors-still-fetching = Was du vorhin wolltest, ist noch unterwegs: Versuch es bitte gleich noch einmal.
errors-picture-gone = Ich habe das Bild nicht mehr, aus dem das hier gemalt wurde: Schick es bitte noch einmal.
errors-largest = Größer kann ich es hier nicht malen.
errors-server-only = Das geht nur auf einem Server.
errors-cannot-express =
    { $count ->
        [one] Dafür brauche ich auf diesem Server die Berechtigung { $permissions }.
       *[other] Dafür brauche ich auf diesem Server die Berechtigungen { $permissions }.
    }
errors-hidden-picture = Dieses Bild ist als Spoiler verdeckt, und dort sähen es alle: Such bitte ein anderes aus.
errors-no-more-expressions = Dieser Server hat keinen Platz für noch eins: Die Moderation muss erst eins entfernen.
errors-not-expressed = Discord hat dieses Bild dafür nicht angenommen: Versuch es bitte mit einem anderen.
errors-no-such-picture = Ich finde dieses Bild nicht: Gib mir bitte einen Link zu meiner Nachricht damit, oder seinen Code aus `/verlauf`.
errors-result-deleted = Dieses Bild wurde gelöscht, darum kann ich nichts mehr damit machen.
errors-moment-deleted = Dieser Zwischenstand wurde hier gelöscht, darum poste ich ihn nicht noch einmal: Such bitte einen anderen aus.
errors-not-a-result = In dieser Nachricht ist kein Bild von mir: Such bitte eins aus, das ich gemalt habe.
errors-all-tried = Mehr Stile als die auf den Blättern gibt es nicht.
errors-still-painting = Dieses Bild wird noch gemalt: Drück stattdessen „{ ticket-cancel }“ darunter.
errors-painting-gone = Die Zwischenstände dieses Bildes habe ich nicht mehr: Sie werden nur einige Tage aufgehoben.
errors-engine-unreachable = Die Malmaschine ist gerade nicht erreichbar: Versuch es bitte in einer Minute noch einmal.
errors-engine-busy = Die Malmaschine hat viel zu tun: Versuch es bitte gleich noch einmal.
errors-engine-full = Die Malmaschine hat gerade keinen Platz für neue Bilder: Versuch es bitte später noch einmal.
errors-engine-locked = Die Malmaschine steht gerade nicht zur Verfügung: Versuch es bitte später noch einmal.
errors-discord-away = Discord gibt mir das Bild gerade nicht: Versuch es bitte in einer Minute noch einmal.
errors-disk-full = Ich habe gerade keinen Platz für neue Bilder: Versuch es bitte später noch einmal.
errors-images-away = Ich komme gerade nicht an meinen Bilderspeicher: Versuch es bitte später noch einmal.
errors-memory-damaged = Ich kann gerade keine neuen Bilder annehmen: Wer mich betreibt, muss erst in mein Log schauen.
errors-no-week = Auf diesem Server gibt es keinen Stil der Woche: Wer ihn verwaltet, kann mit `/einrichten` einen Kanal dafür wählen.
errors-no-week-now = Gerade gibt es keinen Stil der Woche: Der nächste wird bald angekündigt.
errors-week-over = Diese Woche ist vorbei, da gibt es nichts mehr zu wählen.
errors-cannot-duel = Fordere bitte ein anderes Mitglied heraus, das in diesem Kanal schreiben kann: nicht dich selbst, und keinen Bot.
errors-duel-unwanted = Dieses Mitglied möchte lieber keine Duelle: Fordere bitte jemand anderen heraus.
errors-duel-underway = Du hast hier schon ein Duell: Warte bitte auf sein Ende, oder sag es ab.
errors-duel-later = Dieses Mitglied hast du fürs Erste genug herausgefordert: Wieder möglich ist es { $at }.
errors-challenged-enough = Dieses Mitglied hat schon mehrere Herausforderungen zu beantworten: Versuch es bitte später noch einmal.
errors-challenger-cannot = Wer dich herausgefordert hat, kann gerade kein Bild malen lassen: Versuch es bitte später noch einmal.
errors-not-your-duel = Das ist nicht dein Duell: Abstimmen kannst du, sobald beide Bilder gemalt sind.
errors-duel-over = Dieses Duell ist darüber schon hinaus.
errors-too-new = Abstimmen kann, wer schon eine Weile dabei ist: Du kannst es { $at }.
errors-own-duel = Das ist dein eigenes Duell: Die anderen stimmen ab.
errors-forgotten = Seit das geöffnet wurde, wurde ich neu gestartet: Öffne es bitte noch einmal.
errors-stopping = Ich werde gerade neu gestartet: Frag bitte in einer Minute noch einmal.
errors-config-unreadable = Die Konfiguration { $path } lässt sich nicht lesen: { $reason }.
errors-config-not-text = Die Konfiguration { $path } ist kein Text in UTF-8.
errors-config-not-toml = Die Konfiguration { $path } ist kein gültiges TOML: { $reason }.
errors-unknown-table = Die Konfiguration { $path } ist nicht gültig: '{ $key }' ist keine der Tabellen [engine] und [bot].
errors-unknown-setting = Die Konfiguration { $path } ist nicht gültig: In [bot] gibt es keine Einstellung namens '{ $key }'.
errors-bad-setting = Die Konfiguration { $path } ist nicht gültig: { $key } in [bot]: { $reason }.
errors-not-http = Die Konfiguration { $path } ist nicht gültig: { $key } in [bot] muss eine Adresse mit http oder https sein, ohne Pfad.
errors-not-https = Die Konfiguration { $path } ist nicht gültig: { $key } in [bot] muss eine Adresse mit https sein, ohne Pfad; http ist nur für diesen Rechner und sein eigenes Netz.
errors-links-not-served = Private Links können auf { $host }:{ $port } nicht angeboten werden: { $reason }.
errors-no-token = Das Token des Bots fehlt: Setze die Umgebungsvariable { $variable }.
errors-not-loopback = { $variable } darf nur eine http-Adresse auf dem Loopback dieses Rechners nennen.
errors-directory-not-made = Der Ordner { $path } lässt sich nicht anlegen: { $reason }.
errors-bad-database-url = database_url in [bot] ist nicht zu gebrauchen: { $reason }.
errors-database-not-opened = Die Datenbank { $database } lässt sich nicht öffnen: { $reason }.
errors-database-newer = Die Datenbank { $database } stammt von einem neueren Bot als diesem.
errors-database-in-use = Die Datenbank { $database } wird von einem anderen Bot-Prozess benutzt.
errors-bad-images-url = images in [bot] ist nicht zu gebrauchen: { $reason }. Gibt es den Bucket, und stimmen AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID und AWS_SECRET_ACCESS_KEY in der Umgebung?
errors-no-images-driver = Der Speicher in images braucht eine Bibliothek, die nicht installiert ist: pip install "atelier[s3]".
errors-no-database-driver = Die Datenbank in database_url braucht einen Treiber, der nicht installiert ist: pip install "atelier[postgres]".
errors-shard-taken = Um Shard { $shard } kümmert sich ein anderer Bot-Prozess mit derselben Datenbank: Jeder Prozess braucht eigene shard_ids.
errors-shard-counts-differ = Ein anderer Bot-Prozess mit derselben Datenbank hat shard_count = { $other } und dieser { $count }: Alle brauchen dasselbe.
errors-backup-failed = In { $folder } wurde keine Sicherung angelegt: { $reason }.
errors-backup-elsewhere = Die Datenbank in database_url ist keine Datei, die ich führe: Sichere sie bitte mit ihren eigenen Werkzeugen.
errors-login-refused = Discord nimmt das Token in { $variable } nicht an.
errors-intent-refused = Discord gewährt den Message Content Intent nicht: Schalte ihn im Developer Portal ein, oder setze message_content = false.
errors-session-refused = Discord lehnt die Sitzung des Bots endgültig ab: { $reason }.
errors-turned-away = Discord weist den Bot ab: { $reason }.
errors-discord-unreachable = Discord ist nicht erreichbar: { $reason }.

# Die der Malmaschine
errors-wire-not-an-image = { errors-the-image } ist kein Bild, das ich lesen kann: Schick bitte { $formats }.
errors-wire-broken-image = { errors-the-image } ist beschädigt, darum bekomme ich die Datei nicht auf: Speichere sie bitte neu und schick sie noch einmal.
errors-wire-unusual-kind = { errors-the-image } ist in einem Format, das kaum ein Programm liest: Speichere die Datei bitte als gewöhnliches JPEG oder PNG.
errors-wire-too-many-bytes = { errors-the-image } ist { MEGABYTES($size) } MB groß, und höchstens { MEGABYTES($limit, round: "down") } MB sind erlaubt: Versuch es bitte kleiner.
errors-wire-too-many-pixels = { errors-the-image } hat { $width } × { $height } Pixel, und höchstens { MEGAPIXELS($limit) } Megapixel sind erlaubt: Bitte verkleinern.
errors-wire-too-many-frames = { errors-the-image } ist eine Animation mit { $frames } Einzelbildern, und höchstens { $limit } sind erlaubt: Schick bitte eine kürzere.
errors-wire-heavy-format = { errors-the-image } hat { $width } × { $height } Pixel, und in diesem Format sind höchstens { MEGAPIXELS($limit) } Megapixel erlaubt: Speichere die Datei bitte kleiner oder als JPEG.
errors-wire-slow-image = { errors-the-image } braucht zum Öffnen länger als { $seconds } Sekunden: Speichere die Datei bitte kleiner oder in einem anderen Format.
errors-wire-huge-image = { errors-the-image } braucht zum Öffnen mehr als { MEGABYTES($limit, round: "down") } MB Speicher: Speichere die Datei bitte kleiner oder in einem anderen Format.
errors-wire-too-small = { errors-the-image } hat { $width } × { $height } Pixel, und jede Seite braucht mindestens { $limit }: Versuch es bitte größer.
errors-wire-too-narrow = { errors-the-image } hat { $width } × { $height } Pixel, und eine Seite darf höchstens { $limit }-mal so lang sein wie die andere: Bitte zuschneiden.
errors-wire-black-mask = { errors-the-image } ist ganz schwarz, ihr Stil wäre also nirgends: Mach sie bitte dort weiß, wo der Stil hinsoll.
errors-wire-clear-style = { errors-the-image } ist ganz durchsichtig, da ist kein Stil zu holen: Wähl bitte etwas anderes.
errors-wire-no-style = Wähl bitte einen Stil: Häng ein Stilbild an, oder nimm eins der Gemälde.
errors-wire-too-many-styles = In einem Bild lassen sich höchstens { $limit } Stile mischen: Lass bitte welche weg.
errors-wire-unknown-style = Einen Stil namens „{ $name }“ gibt es hier nicht: `/stile` zeigt alle.
errors-wire-bad-request = Das hat die Malmaschine nicht verstanden: Versuch es bitte anders.
errors-wire-too-slow = Deine Bilder haben zu lange zur Malmaschine gebraucht: Versuch es bitte noch einmal.
errors-wire-too-large = Das Rezept { $recipe } malt hier keine { $wanted } Pixel: Wähl bitte eine Größe von höchstens { $size }.
errors-wire-takes-too-long = Mit dem Rezept { $recipe } dauert das etwa { DURATION($seconds) }, und hier darf ein Bild { DURATION($limit, round: "down") } dauern: Wähl bitte eine Größe von höchstens { $size }, oder ein schnelleres Rezept.
errors-wire-audition-too-long = Alle diese Stile auszuprobieren dauert etwa { DURATION($seconds) }, und mehr als { DURATION($limit, round: "down") } geht hier nicht: Wähl bitte { $styles } davon, oder ein schnelleres Rezept.
errors-wire-recipe-too-slow = Mit dem Rezept { $recipe } dauert das etwa { DURATION($seconds) }, und hier darf ein Bild { DURATION($limit, round: "down") } dauern: Wähl bitte das Rezept { $other }.
errors-wire-engine-too-slow = Das dauert etwa { DURATION($seconds) }, und hier darf ein Bild { DURATION($limit, round: "down") } dauern: Schick bitte eine kürzere Animation, oder bitte den, der mich betreibt, mehr zu erlauben.
errors-wire-bad-token = Die Malmaschine steht gerade nicht zur Verfügung: Versuch es bitte später noch einmal.
errors-wire-not-found = Das hat die Malmaschine nicht mehr: Bestell es bitte noch einmal.
errors-wire-key-reused = Die Malmaschine hat das für ein anderes Bild gehalten: Frag bitte noch einmal.
errors-wire-queue-full = Die Warteschlange ist voll, { $waiting } warten schon: Versuch es bitte in etwa { $minutes } Min. noch einmal.
errors-wire-user-queue-full = Von dir warten schon so viele in der Schlange: { $waiting }. Warte bitte, bis eins deiner Bilder fertig ist.
errors-wire-group-queue-full = Von diesem Server warten schon so viele in der Schlange: { $waiting }. Warte bitte, bis eins seiner Bilder fertig ist.
errors-wire-storage-full = Die Malmaschine hat gerade keinen Platz für neue Bilder: Versuch es bitte später noch einmal.
errors-wire-storage-damaged = Mit dem Speicher der Malmaschine stimmt etwas nicht: Wer sie betreibt, muss danach sehen.
errors-wire-not-ready = Die Malmaschine startet noch: Versuch es bitte gleich noch einmal.
errors-wire-busy = Die Malmaschine hat viel zu tun: Versuch es bitte gleich noch einmal.
errors-wire-draining = Die Malmaschine nimmt gerade nichts Neues an: Versuch es bitte später noch einmal.
errors-wire-not-painted-yet = Dieses Bild ist noch nicht gemalt: Warte bitte, bis es fertig ist.
errors-wire-content-gone = Ich habe das Bild nicht mehr, aus dem das hier gemalt wurde, und kann die beiden darum nicht zusammen zeigen.
errors-wire-no-recipe = Dieses Bild sagt nicht, wie es entstanden ist: Es wurde nicht hier gemalt, oder die Angaben wurden entfernt.
errors-wire-bad-recipe = Ich kann nicht lesen, wie dieses Bild entstanden ist: Die Angaben sind beschädigt, verändert oder aus einer anderen Version.
errors-wire-worker-lost = Das Malen wurde { $attempts }-mal unterbrochen und kam nicht weiter, darum habe ich es aufgegeben: Versuch es bitte später noch einmal, oder kleiner.
errors-wire-images-gone = Die Malmaschine hat dein Bild nicht mehr: Schick es bitte noch einmal.
errors-wire-out-of-memory = Das Bild braucht mehr Speicher, als die Malmaschine hat: Versuch es bitte kleiner.
errors-wire-bad-weights = Die Malmaschine kann gerade nicht malen: Wer sie betreibt, muss in ihr Log schauen.
errors-wire-internal = In der Malmaschine ist etwas schiefgegangen, Näheres steht in ihrem Log: Versuch es bitte noch einmal.

# Was neben einem Ergebnis steht
errors-note-flat-style = { errors-the-image } hat kaum Farbe oder Struktur, da ist wenig Stil zu holen.
errors-note-mask-resized = { errors-the-image } hatte eine andere Form als das Bild ({ $width } × { $height }) und wurde angepasst.
errors-note-smaller-for-memory = Für { $wanted } Pixel hat die Malmaschine nicht genug Speicher, darum ist das mit { $size } gemalt.
errors-note-shrunk-for-memory = Mit { $wanted } Pixeln hätte das zuletzt mehr Speicher gebraucht, als die Malmaschine hatte, darum ist es mit { $size } gemalt.
errors-note-frames-thinned = Von den { $frames } Einzelbildern der Animation sind { $painted } gemalt.
errors-note-first-frame = Von den { $frames } Einzelbildern der Animation ist nur das erste gemalt, darum bewegt sich das Ergebnis nicht.
errors-note-smaller-for-frames = Animationen werden mit höchstens { $limit } Pixeln gemalt, diese auch.
errors-note-over-bytes = Kleiner als { KILOBYTES($size) } KB ging es nicht, und erlaubt sind dafür ({ $preset }) { KILOBYTES($limit) } KB.
errors-note-painted-afresh = Das kleine Bild, das du gewählt hast, habe ich nicht mehr, darum ist das neu gemalt und sieht vielleicht ein wenig anders aus.

# Discords Namen für das, was der Bot braucht
errors-permission-view-channel = Kanal ansehen
errors-permission-send-messages = Nachrichten senden
errors-permission-send-messages-in-threads = Nachrichten in Threads senden
errors-permission-attach-files = Dateien anhängen
errors-permission-read-message-history = Nachrichtenverlauf lesen
errors-permission-add-reactions = Reaktionen hinzufügen
errors-permission-create-public-threads = Öffentliche Threads erstellen
errors-permission-create-expressions = Ausdrücke erstellen
errors-permission-manage-guild = Server verwalten
errors-permission-manage-messages = Nachrichten verwalten
errors-permission-manage-threads = Threads verwalten
errors-aside = …
