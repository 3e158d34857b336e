museum-menu = Als Stil anbieten
museum-group = Stile, die dieser Server aus Bildern seiner Mitglieder gemacht hat.
museum-show = Die eigenen Stile dieses Servers ansehen, und deine auf allen Servern.
museum-add = Ein hier gepostetes Bild zu einem Stil dieses Servers machen, wenn sein Urheber Ja sagt.
museum-add-picture = Ein Link zur Nachricht mit dem Bild.
museum-add-name = Wie der Stil heißt.
museum-add-emoji = Das Emoji, das für ihn steht; ohne wähle ich eins.

museum-purpose =
    Dann dürfen alle auf diesem Server Bilder im Stil dieses Bildes malen lassen, und bei jedem steht, dass der Stil von dir ist.
    Du kannst das jederzeit zurücknehmen: mit einem Knopf, mit `/museum anzeigen` oder indem du dein Bild löschst. Es endet auch, wenn du den Server verlässt.

museum-title = Ein neuer Stil dieses Servers
museum-rename-title = Einen Stil umbenennen
museum-name = Name
museum-name-help = Wie der Stil heißt
museum-emoji = Emoji
museum-emoji-help = Es steht unter Bildern für den Stil; ohne wähle ich eins
museum-which = Bild
museum-which-help = Diese Nachricht hat mehrere
museum-yes = Ja, das ist in Ordnung
museum-no = Nein
museum-add-it = Aufnehmen
museum-decline = Nein danke
museum-take-back = Zurücknehmen
museum-rename = Umbenennen
museum-remove = Entfernen
museum-back = Alle Stile dieses Servers
museum-keep = Behalten
museum-keep-results = Zurücknehmen
museum-delete-results = Zurücknehmen und diese Ergebnisse löschen
museum-remove-now = Ja, entfernen
museum-look = Einen groß ansehen
museum-none = Dieser Server hat noch keine eigenen Stile. Öffne das Menü einer Nachricht mit deinem Bild, dann Apps, dann *{ $menu }*.
museum-none-of-yours = Keins deiner Bilder ist auf einem Server ein Stil.
museum-of-nobody = einem Mitglied
museum-that-style = diesen Stil

museum-question = <@{ $author }>, <@{ $proposer }> möchte dieses Bild zu einem Stil dieses Servers machen: { $style }. Ist dir das recht?
museum-vote = <@{ $author }> bietet dieses Bild als Stil dieses Servers an: { $style }. Hättet ihr ihn gern? Mit { $needed } ✅ bis { $until } wird es einer; bisher { $votes }. Die Moderation kann früher entscheiden.
museum-offered = <@{ $author }> bietet dieses Bild als Stil dieses Servers an: { $style }. Die Moderation entscheidet, ob es einer wird.
museum-shown = { $style } von <@{ $author }> ist jetzt ein Stil dieses Servers: `/stilisieren stil:{ $name }`, oder tipp in einem Kunstkanal unter einem Bild auf { $emoji }.
museum-shown-author = <@{ $author }> kann das jederzeit zurücknehmen.
museum-question-of-own = Soll dein Bild ein Stil dieses Servers werden, { $style }?
museum-asked = Ich habe <@{ $author }> gefragt: Nach einem Ja geht es mit { $style } weiter.

museum-thanks-shown = Danke! { $style } ist jetzt ein Stil dieses Servers. Mit `/museum anzeigen` kannst du das jederzeit zurücknehmen.
museum-thanks-soon = Danke! Ich nehme { $style } auf, sobald die Malmaschine zu erreichen ist.
museum-thanks-vote = Danke! Die Mitglieder dieses Servers entscheiden nun über { $style }.
museum-thanks-moderator = Danke! Die Moderation entscheidet nun über { $style }.
museum-said-no = In Ordnung: Es wird kein Stil, und nach diesem Bild wird nicht mehr gefragt.
museum-declined = In Ordnung: Es wird kein Stil dieses Servers.
museum-renamed = Der Stil hat jetzt seinen neuen Namen. Was vorher gemalt wurde, behält den alten.
museum-decided-shown = { $style } ist jetzt ein Stil dieses Servers.
museum-decided-soon = Ich nehme { $style } auf, sobald die Malmaschine zu erreichen ist.
museum-voted = Dein ✅ zählt. Drück noch einmal, um es zurückzunehmen.
museum-vote-taken-back = Ich habe dein ✅ zurückgenommen.

museum-page = Die eigenen Stile dieses Servers ({ $count } von höchstens { $limit }):
museum-of = { $style } von <@{ $author }>
museum-waits = { $style } von <@{ $author }>: { $for }
museum-waits-author = wartet auf das Ja des Urhebers
museum-waits-engine = wartet auf die Malmaschine
museum-restricted = nur in Kanälen mit Altersbeschränkung
museum-waits-vote = die Mitglieder stimmen ab
museum-waits-moderator = wartet auf die Moderation
museum-own = Deine Bilder, die Stile sind oder es werden sollen:
museum-own-in = { $style } auf { $server }
museum-one-since = von <@{ $author }>, mit Einwilligung seit { $since }
museum-picture = Das Bild { $name } von { $credit }
museum-sheet = Die eigenen Stile dieses Servers, nummeriert. { $listed }
museum-listed = { $number }: { $name } von { $credit }
museum-by = von { $credit }

museum-confirm-taking-back = { $style } zurücknehmen? Dann wird nichts mehr in diesem Stil gemalt, was gerade gemalt wird, hört auf, und ich lösche meine Kopie deines Bildes. Was schon gemalt wurde, kann mit deinem Namen bleiben oder auch verschwinden.
museum-confirm-withdrawing = { $style } zurücknehmen? Dann wird daraus kein Stil.
museum-confirm-removing = { $style } aus den Stilen dieses Servers entfernen? Was darin gemalt wurde, bleibt. Um ihn wiederzubekommen, muss der Urheber noch einmal Ja sagen.
museum-taken-back = { $style } ist zurückgenommen: Niemand kann den Stil mehr benutzen.
museum-taken-back-results = { $style } ist zurückgenommen: Niemand kann den Stil mehr benutzen. Was hier darin gemalt wurde, verschwindet gleich.
museum-removed = { $style } ist kein Stil dieses Servers mehr.
