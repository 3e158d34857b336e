audit-somebody = Jemand, dessen Daten gelöscht sind,
audit-own = ein eigenes Bild
audit-free = ein Emoji oder einen Sticker
audit-unknown = ein Bild von jemand Unbekanntem
audit-whose = ein Bild von { $author }
audit-painted =
    🖌️ { $who } ließ { $whose } { $how } malen, Rezept { $recipe }{ $restricted ->
        [yes] { " (mit Altersbeschränkung)" }
       *[no] { "" }
    }{ $where ->
        [there] { ", in " }{ $channel }
       *[nowhere] { "" }
    }{ $shown ->
        [there] : [das Ergebnis]({ $url })
       *[nowhere] .
    }
audit-painted-and-gone = 🖌️ { $who } ließ { $whose } malen; inzwischen ist es gelöscht.
audit-changed = ⚙️ { $who } hat die Einstellungen geändert: { $what }
audit-blocked =
    🚫 { $who } hat { $member ->
        [nobody] ein Mitglied
       *[other] { $member }
    } gesperrt.
audit-unblocked =
    🚪 { $who } hat { $member ->
        [nobody] ein Mitglied
       *[other] { $member }
    } entsperrt.
audit-removed =
    🗑️ { $who } hat ein Ergebnis gelöscht{ $member ->
        [nobody] { "" }
       *[other] , das { $member } bestellt hatte
    }.
audit-purged =
    🧹 { $who } hat bei { $member ->
        [nobody] einem Mitglied
       *[other] { $member }
    } aufgeräumt: { $what }
audit-style-added =
    🎨 { $who } hat den Stil *{ $style }* { $member ->
        [nobody] { "" }
       *[other] von { $member }{ " " }
    }aufgenommen.
audit-style-voted =
    🎨 Die Mitglieder haben für den Stil *{ $style }* { $member ->
        [nobody] { "" }
       *[other] von { $member }{ " " }
    }gestimmt.
audit-style-back = 🎨 { $who } hat den eigenen Stil *{ $style }* zurückgenommen.
audit-style-ended = 🎨 Den Stil *{ $style }* gibt es nicht mehr: Sein Bild ist nicht mehr zu gebrauchen, oder wer es gemacht hat, ist nicht mehr da.
audit-style-removed =
    🎨 { $who } hat den Stil *{ $style }* { $member ->
        [nobody] { "" }
       *[other] von { $member }{ " " }
    }entfernt.
audit-week-begun = 🗓️ { $who } hat eine Woche im Stil „{ $style }“ begonnen.
audit-week-ended = 🗓️ { $who } hat die Woche im Stil „{ $style }“ vorzeitig beendet.
audit-entry-out =
    🖼️ { $who } hat ein Bild { $member ->
        [nobody] { "" }
       *[other] von { $member }{ " " }
    }aus der Galerie genommen.
