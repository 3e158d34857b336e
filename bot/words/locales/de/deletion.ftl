deletion-delete = Löschen
deletion-menu = Dieses Ergebnis löschen
deletion-confirm = Dieses Bild endgültig löschen, mit allen Kopien, Zwischenständen und dem Zeitraffer?
deletion-confirm-here = Dieses Bild endgültig löschen, mit allen Zwischenständen und dem Zeitraffer? Dann drück darunter *Ja, löschen*.
deletion-confirmed = Ja, löschen
deletion-deleted = Gelöscht.
deletion-post-gone = Ein Bild, das nicht mehr hier ist
