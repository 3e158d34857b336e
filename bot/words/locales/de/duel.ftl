duel-command = Jemanden herausfordern: Jedes eurer Bilder wird im Stil des anderen gemalt, und der Kanal stimmt ab.
duel-opponent = Wen du herausforderst.
duel-picture = Dein Bild. Es wird hier gezeigt und leiht dem anderen auch seinen Stil.
duel-hours = Wie lange darf abgestimmt werden?
duel-an-hour = 1 Stunde
duel-some-hours = { $hours } Stunden
duel-accept = Annehmen
duel-refuse = Nein, danke
duel-cancel = Absagen
duel-vote = Stimme für { $number }
duel-posted = Deine Herausforderung ist hier: { $url }
duel-challenge =
    ⚔️ <@{ $challenger }> fordert <@{ $opponent }> zum Duell: Jedes ihrer Bilder wird im Stil des anderen gemalt, und dieser Kanal stimmt ab, welches ihm besser gefällt.
    <@{ $opponent }>, wenn du annimmst, wird ein Bild von dir hier gezeigt und dafür benutzt: Es wird gemalt und leiht dem anderen seinen Stil. Die Herausforderung endet <t:{ $ends }:R>.
duel-challenge-alt = Das Bild eines von zwei Mitgliedern in einem Duell
duel-form = Das Duell annehmen
duel-form-picture = Dein Bild
duel-form-picture-more = Wird hier gezeigt und gemalt und leiht seinen Stil. Ohne Datei: dein neuestes in diesem Kanal.
duel-accepted = Das Duell läuft: Im Thread unter der Herausforderung kannst du beim Malen zusehen.
duel-painting =
    ⚔️ <@{ $challenger }> gegen <@{ $opponent }>: Beide Bilder werden gemalt, jedes im Stil des anderen. Der Thread darunter zeigt, wie.
duel-ballot =
    ⚔️ **Welches gefällt euch besser?**
    { "**1**" } das Bild von <@{ $challenger }> im Stil des Bildes von <@{ $opponent }> · **2** das Bild von <@{ $opponent }> im Stil des Bildes von <@{ $challenger }>
    Alle anderen haben eine Stimme und dürfen sie ändern, bis <t:{ $ends }:f>. Der Stand bleibt bis dahin geheim.
duel-sheet-alt = Zwei Gemälde, nummeriert: jedes aus dem Bild eines Mitglieds im Stil des Bildes des anderen
duel-voted = Deine Stimme: { $number }. Du kannst sie bis <t:{ $ends }:f> ändern; dann kommt das Ergebnis.
duel-won = ⚔️ **<@{ $winner }> gewinnt { $most } zu { $least }** gegen <@{ $loser }>. Danke euch beiden!
duel-drawn = ⚔️ **Unentschieden, { $votes } zu { $votes }**, zwischen <@{ $challenger }> und <@{ $opponent }>. Danke euch beiden!
duel-unvoted = ⚔️ Niemand hat für das Bild von <@{ $challenger }> oder <@{ $opponent }> gestimmt, also gewinnen beide. Danke euch beiden!
duel-refused = ⚔️ <@{ $opponent }> möchte sich gerade nicht mit <@{ $challenger }> duellieren. Vielleicht ein andermal!
duel-cancelled = ⚔️ Das Duell von <@{ $challenger }> und <@{ $opponent }> wurde abgesagt.
duel-no-answer = ⚔️ <@{ $opponent }> hat auf die Herausforderung von <@{ $challenger }> nicht geantwortet, also ist sie zu Ende.
duel-not-painted = ⚔️ Eines der beiden Bilder von <@{ $challenger }> und <@{ $opponent }> ließ sich nicht malen, also gibt es keine Abstimmung. `/duell` beginnt ein neues.
duel-taken-back = ⚔️ Ein Bild im Duell von <@{ $challenger }> und <@{ $opponent }> wurde gelöscht, also endet es ohne Sieger.
