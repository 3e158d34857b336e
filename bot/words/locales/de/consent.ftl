consent-command = Entscheiden, ob andere deine Bilder malen lassen dürfen.
consent-always = Immer
consent-once = Dieses Mal
consent-no = Nein
consent-asked = Ich habe { $author } gefragt: Bei einem Ja male ich es sofort.
consent-said-always =
    { $author } sagt Ja, zu diesem Bild und zu anderen.
    -# Das ändert `/einwilligung`.
consent-said-once = { $author } sagt Ja zu diesem Bild.
consent-said-no =
    { $author } möchte das lieber nicht.
    -# Das ändert `/einwilligung`.
consent-over = -# Das ist schon beantwortet.
consent-here = Auf diesem Server
consent-everywhere = Auf allen Servern
consent-saved = Gespeichert: Das gilt ab jetzt.

consent-this = dieses Bild
consent-this-at = [dieses Bild]({ $url })
consent-avatar = deinen Avatar
consent-own-style = einem eigenen Stil
consent-more-askers = { $count } weitere
consent-more-styles = { $count } weiteren
consent-question =
    { $askers ->
        [one] { $author }, { $members } würde gern { $picture } in { $styles } sehen: Darf ich es malen?
       *[other] { $author }, { $members } würden gern { $picture } in { $styles } sehen: Darf ich es malen?
    }

consent-overview = Deine eigenen Bilder kannst du immer malen lassen. Dürfen andere sie auch malen lassen?
consent-now = Hier gilt gerade: { $rule }.
consent-where-here = Auf diesem Server: { $answer }.
consent-where-everywhere = Auf allen Servern: { $answer }.
consent-answer-always = Andere dürfen, ohne zu fragen
consent-answer-ask = Andere dürfen, wenn ich Ja gesagt habe
consent-answer-never = Niemand außer mir
consent-unsaid-here = Was ich für alle Server gewählt habe
consent-unsaid-everywhere = Was die Regel des Servers sagt
consent-rule-own = niemand sonst, nach der Regel dieses Servers
consent-rule-ask = andere, wenn du zu einem Bild Ja gesagt hast, nach der Regel dieses Servers
consent-rule-open = auch andere, nach der Regel dieses Servers
