links-full-size = Volle Größe
links-open = Volle Größe holen
links-none = Links gebe ich nicht mehr heraus: „{ result-copy }“ hinter „{ result-more }“ schickt dir das Bild.
links-about = Volle Größe: { $width } × { $height } Pixel, { $format }, { $megabytes } MB. Der Link ist privat: Wer ihn hat, kann das Bild bis { $until } holen.
links-nothing-here = Hier ist nichts, oder nichts mehr. Ein privater Link endet nach einer Weile, und mit seinem Bild: Drück in Discord unter dem Bild auf „{ links-full-size }“, dann bekommst du einen neuen.
links-busy = Gerade werden viele Bilder geholt: Versuch es bitte in einer Minute noch einmal.
links-away = Das Bild lässt sich gerade nicht holen: Versuch es bitte in einer Minute noch einmal.
