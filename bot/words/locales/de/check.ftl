check-command = Nachsehen, ob auf diesem Server alles funktioniert, und was sonst zu tun ist.
check-all-well = ✅ Hier ist alles in Ordnung: Die Malmaschine antwortet, ich habe alle nötigen Rechte, und alles Eingerichtete gibt es noch.
check-head = ⚠️ Hier ist nicht alles in Ordnung. Was nicht stimmt, warum es wichtig ist und was hilft:
check-more = … und { $count } weitere.

check-why-view-channel = um den Kanal zu sehen
check-why-send-messages = um überhaupt etwas zu posten
check-why-send-messages-in-threads = um in seinen Threads zu posten
check-why-create-public-threads = um einen Thread für die Ergebnisse eines Bildes zu öffnen
check-why-attach-files = um Bilder zu posten
check-why-read-message-history = um das Bild zu finden und darauf zu antworten
check-why-add-reactions = um die Palette unter Bilder zu setzen
check-permission = „{ $name }“ ({ $why })

check-database-damaged = **Mein Gedächtnis ist beschädigt.** Ich nehme vorerst keine neuen Bilder an: Wer mich betreibt, kann das beheben; mehr steht in meinem Log.
check-engine-away = **Die Malmaschine ist nicht erreichbar oder startet noch.** Bilder warten, bis sie wieder da ist; dauert das lange, kann es beheben, wer mich betreibt; mehr steht in meinem Log.
check-engine-busy = **Die Malmaschine hat zu viel zu tun.** Neue Bilder warten; das gibt sich von selbst.
check-engine-full = **Die Festplatte der Malmaschine ist voll.** Neue Bilder warten: Wer mich betreibt, kann das beheben; mehr steht in meinem Log.
check-engine-locked = **Die Malmaschine nimmt mein Token nicht an.** Es wird nichts gemalt, bis wir beide dasselbe `ATELIER_ENGINE_TOKEN` bekommen von dem, der mich betreibt.
check-no-art-channel = **Noch ist kein Kunstkanal eingerichtet.** Bilder bekommen deshalb keine Palette; Befehle, Menüs und Erwähnungen funktionieren. Wähl einen Kanal mit `/einrichten`.
check-channel-gone = **Einen Kunstkanal gibt es nicht mehr** ({ $channel }). Dadurch geht kein Bild verloren: Wähl neu mit `/einrichten`.
check-channel-lacks = **In { $channel } brauche ich { $names }**: In den Kanaleinstellungen kann es die Moderation erlauben.
check-results-unset = **Ergebnisse sollen in den Ergebniskanal, aber es ist keiner gewählt.** Sie bleiben, wo sie bestellt wurden: Wähl einen mit `/einrichten`.
check-results-gone = **Den Ergebniskanal gibt es nicht mehr.** Ergebnisse bleiben, wo sie bestellt wurden: Wähl neu mit `/einrichten`.
check-results-lacks = **Im Ergebniskanal { $channel } brauche ich { $names }**: In den Kanaleinstellungen kann es die Moderation erlauben.
check-gallery-gone = **Die Galerie gibt es nicht mehr.** Es kommt nichts Neues in eine: Wähl neu mit `/einrichten`.
check-gallery-lacks = **In der Galerie { $channel } brauche ich { $names }**: In den Kanaleinstellungen kann es die Moderation erlauben.
check-gallery-restricted = **Bilder aus { $channel } kommen nie in die Galerie**, weil { $channel } eine Altersbeschränkung hat. Wenn du es so willst, ist nichts zu tun.
check-gallery-wider = **Bilder aus { $channel } kommen nicht in die Galerie**, weil nicht alle, die die Galerie sehen, auch { $channel } sehen. Wenn sie dürfen, lass sie ihn sehen; oder wähl mit `/einrichten` eine andere Galerie.
check-gallery-itself = **Was in { $channel } gepostet wird, kommt in keine Galerie**, weil { $channel } selbst eine ist. Wähl mit `/einrichten` eine andere Galerie, oder nimm { $channel } aus den Kunstkanälen.
check-week-gone = **Den Kanal für den Stil der Woche gibt es nicht mehr.** Es gibt keinen, bis du neu wählst, mit `/einrichten`.
check-week-lacks = **Für den Stil der Woche brauche ich in { $channel } { $names }**: In den Kanaleinstellungen kann es die Moderation erlauben.
check-switched-off = **Auf diesem Server bin ich ausgeschaltet.** Ich nehme nichts Neues an: `/an` schaltet mich wieder ein.
check-paused = **Wer mich betreibt, hat mich angehalten.** Bis es weitergeht, nehme ich auf keinem Server Neues an.
check-audit-gone = **Den Protokollkanal gibt es nicht mehr.** Niemand liest, was hier getan wird: Wähl neu mit `/einrichten`.
check-audit-lacks = **Im Protokollkanal { $channel } brauche ich { $names }**: In den Kanaleinstellungen kann es die Moderation erlauben. Was zu sagen ist, wartet einen Tag.
check-audit-public = **Den Protokollkanal { $channel } können alle lesen.** Darin steht, wer wessen Bild malen ließ: Verbirg ihn vor den Mitgliedern, oder wähl neu mit `/einrichten`.
check-commands-narrowed = **`/stilisieren` ist hier nicht für alle, Antippen, Menüs und Erwähnungen aber schon.** Discords Servereinstellungen → Integrationen gelten nur für Befehle: Wähl die Rollen, die Bilder malen lassen dürfen, mit `/einrichten`; das gilt für alles.
check-commands = { $commands } mit „{ $permission }“
check-who-may = Wenn Servereinstellungen → Integrationen nichts anderes sagen: { $commands }; die anderen Befehle für alle.
check-roles-gone =
    { $where ->
        [server] **Einige der Rollen, die Bilder malen lassen dürfen, gibt es nicht mehr ({ $count }).** Die anderen dürfen weiterhin: Wähl neu mit `/einrichten`.
       *[channel] **Einige der Rollen, die in { $channel } Bilder malen lassen dürfen, gibt es nicht mehr ({ $count }).** Die anderen dürfen weiterhin: Wähl neu mit `/einrichten`.
    }
check-nobody-left =
    { $where ->
        [server] **Keine der Rollen, die Bilder malen lassen dürfen, gibt es noch.** Nur wer den Server verwaltet, darf noch: Wähl neu mit `/einrichten`.
       *[channel] **Keine der Rollen, die in { $channel } Bilder malen lassen dürfen, gibt es noch.** Nur wer den Server verwaltet, darf noch: Wähl neu mit `/einrichten`.
    }
check-styles-gone = **In der Palette von { $channel } sind Gemälde, die ich nicht mehr habe** ({ $names }). Sie werden weggelassen: Wähl neu mit `/einrichten`.
check-content-unseen = **Ich laufe ohne den Message Content Intent.** Befehle, Menüs, Erwähnungen und Reaktionen auf meine eigenen Beiträge funktionieren. Was Mitglieder posten, sehe ich nicht: Ihre Bilder bekommen keine Palette, und Reaktionen darauf bewirken nichts. Wer mich betreibt, kann den Intent im Developer Portal von Discord einschalten, und danach `message_content` in der Konfiguration.
check-content-seen = Ich habe den Message Content Intent: Damit sehe ich die Bilder, die in Kunstkanälen gepostet werden, setze die Palette darunter und male, was angetippt wird. Von den Texten behalte ich nichts.
