exhibition-next = Next
exhibition-previous = Back
exhibition-back = All paintings
exhibition-look-at = See one large
exhibition-paint-with = Paint with this one
exhibition-page =
    { $of ->
        [1] The paintings that you can choose a style from:
       *[other] The paintings that you can choose a style from (page { $number } of { $of }):
    }
exhibition-line = { $n }. { $emoji } **{ $title }**, { $artist }, { $year }
exhibition-own-line = { $n }. { $emoji } **{ $title }**, by { $member }
exhibition-by = by { $member }
exhibition-of-member = A member’s picture, with their consent, which they can take back at any time.
exhibition-picture = The picture { $title } by { $artist }
exhibition-numbered = { $n }: { $title } by { $artist }
exhibition-sheet = Paintings, numbered. { $named }
exhibition-died = In the public domain: the artist died in { $died }. What you see is a study made from it.
exhibition-had-died = In the public domain: the artist had died by { $died }. What you see is a study made from it.
exhibition-original = The original: { $collection }.
exhibition-study = A study of { $title } by { $artist }
