exhibition-next = Weiter
exhibition-previous = Zurück
exhibition-back = Alle Gemälde
exhibition-look-at = Eins groß ansehen
exhibition-paint-with = Damit malen
exhibition-page =
    { $of ->
        [1] Die Gemälde, aus denen du einen Stil wählen kannst:
       *[other] Die Gemälde, aus denen du einen Stil wählen kannst (Seite { $number } von { $of }):
    }
exhibition-line = { $n }. { $emoji } **{ $title }**, { $artist }, { $year }
exhibition-own-line = { $n }. { $emoji } **{ $title }**, von { $member }
exhibition-by = von { $member }
exhibition-of-member = Das Bild eines Mitglieds, mit dessen Einwilligung, die es jederzeit zurücknehmen kann.
exhibition-picture = Das Bild { $title } von { $artist }
exhibition-numbered = { $n }: { $title } von { $artist }
exhibition-sheet = Gemälde, nummeriert. { $named }
exhibition-died = Gemeinfrei: Wer es gemalt hat, starb { $died }. Was du siehst, ist eine Studie danach.
exhibition-had-died = Gemeinfrei: Wer es gemalt hat, starb spätestens { $died }. Was du siehst, ist eine Studie danach.
exhibition-original = Das Original: { $collection }.
exhibition-study = Eine Studie nach { $title } von { $artist }
