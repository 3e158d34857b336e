result-more-style = Mehr Stil
result-less-style = Weniger Stil
result-again = Noch mal
result-other-style = Anderer Stil
result-more = Mehr …
result-larger = Größer
result-keep-colours = Meine Farben behalten
result-timelapse = Zeitraffer
result-comparison = Vorher / nachher
result-moments = Früherer Zwischenstand
result-how = Wie ist das gemalt?
result-copy = Schick mir eine Kopie
result-show-it = Zeigen
result-interrupted = Dein Bild ist fertig, aber ich wurde genau beim Posten unterbrochen. Wenn du es hier nicht siehst, drück den Knopf.
result-post-it = Hier posten
result-emoji = Als Emoji
result-sticker = Als Sticker
result-avatar = Als Avatar
result-banner = Als Banner
result-set-icon = Als Bild dieses Servers setzen
result-set-banner = Als Banner dieses Servers setzen
result-style-menu = Ein anderer Stil
result-panel = Was ich mit diesem Bild noch machen kann; das siehst nur du.
result-pick-style = Wie welches Gemälde soll es stattdessen aussehen?
result-pick-from-sheet = Das sind frühere Zwischenstände dieses Bildes. Such dir einen aus, der dir besser gefällt, dann poste ich ihn hier:
result-no-other-style = Die Liste der anderen Gemälde habe ich noch nicht: Versuch es bitte in einer Minute noch einmal.
result-copy-sent = Ich habe dir eine Kopie als Direktnachricht geschickt.
result-pick-moment = Ein Stand, der dir besser gefällt

result-locked = Der Thread ist gesperrt, deshalb konnte ich dein Bild dort nicht posten.
result-too-large = Discord sagt, dass dein Bild für den Kanal zu groß ist.
result-explicit = Discords Filter für anstößige Inhalte hat mich dein Bild dort nicht posten lassen.
result-blocked-words = AutoMod hat mich dein Bild auf diesem Server nicht posten lassen.
result-not-allowed = Dort, wo du dieses Bild bestellt hast, darf ich keine Bilder mehr posten.
result-gone = Den Kanal, in dem du dieses Bild bestellt hast, gibt es nicht mehr.
result-closed = Deine Direktnachrichten sind für mich geschlossen.
result-too-late = Das hat länger gedauert als die 15 Minuten, die Discord mir dort gibt, wo du es bestellt hast.
result-age-restricted = Dein Bild hat eine Altersbeschränkung, der Kanal, in dem du es bestellt hast, aber nicht mehr; darum poste ich es dort nicht.
result-refused = Discord hat dein Bild dort, wo du es bestellt hast, nicht angenommen.

result-here =
    { $whose ->
        [another]
            { $early ->
                [stopped] { $member }, hier ist es: das Bild von { $author }, vorzeitig angehalten, { $how }.
               *[no] { $member }, hier ist es: das Bild von { $author } { $how }.
            }
       *[theirs]
            { $early ->
                [stopped] { $member }, hier ist es, vorzeitig angehalten, { $how }.
               *[no] { $member }, hier ist es { $how }.
            }
    }
result-once-more = Das Bild von { $member } { $how }.
result-alt = { $subject }, gemalt { $how }
result-alt-sheet = { $subject }, gemalt { $how }. { $numbered }
result-smaller = Gemalt wurde es mit { $width } × { $height } Pixeln, das ist hier zu groß für Discord, deshalb ist dieses kleiner ({ $shown_width } × { $shown_height }).
result-kept = Dein Bild ist aufgehoben: `/zeigen bild:{ $ticket }` holt es dir, wo auch immer du mich fragst.
result-kept-restricted = Dein Bild ist aufgehoben: `/zeigen bild:{ $ticket }` holt es dir, in jedem Kanal mit Altersbeschränkung.
result-in-results = { $member }, dein Bild { $how } ist hier: { $url }
result-post-title = { $subject }, { $how }
result-thread = Das Bild von { $author }
result-thread-described = { $description }, von { $author }
result-timelapse-alt = { $subject }, während es { $how } gemalt wird
result-timelapse-text = So wurde das Bild von { $member } { $how } gemalt.
result-comparison-alt = { $subject }, wie es war, und gemalt { $how }
result-comparison-text = Das Bild von { $member } vorher und nachher, { $how }.
result-moments-alt = { $subject }, an mehreren Zwischenständen beim Malen, nummeriert
result-moment = { $member }, das ist ein früherer Zwischenstand deines Bildes { $how }.
result-moment-alt = { $subject }, an einem früheren Zwischenstand beim Malen { $how }
result-moment-picked = -# ausgesucht von { $picker }
result-copy-text = Hier ist deine Kopie, { $how }.
result-copy-here = Deine Direktnachrichten sind für mich geschlossen, deshalb ist es hier.
result-posted = Gepostet: { $url }
result-moment-there = Dieser Zwischenstand ist hier: { $url }
result-number = Nummer { $number }
