lineage-original = [das Original]({ $url })
lineage-parent = gemalt aus [diesem Ergebnis]({ $url })
