deletion-delete = Löschen
deletion-menu = Dieses Ergebnis löschen
deletion-confirm = Dieses Bild endgültig löschen, mit allen Kopien, Zwischenständen und dem Zeitraffer?
deletion-confirmed = Ja, löschen
deletion-deleted = Gelöscht.
