week-group = The style of the week.
week-show = What the style of the week is, and which of your pictures takes part.
week-style = Choose the style of the next week, for those who manage the server.
week-end = Post the collage of this week now, for those who manage the server.
week-style-option = The painting; leave it out and I choose.
week-now-option = Announce it at once, and not at the usual time.
week-mine = My picture
week-take-this = Take this one
week-leave-out = Leave me out
week-take-part = Take me in again
week-none-yet = You have no picture in this style yet: the button below the announcement, or `/stylize`, paints one.
week-is-out = None of your pictures will be in the collage.
week-says-no = None of your pictures will be in the collage: you have said so with `/privacy gallery`.
week-nobody-yet = Nobody has a picture in it yet, so there is nothing to show: the week goes on.
week-nobody-left = There is no picture left to show, so the week has ended without a collage.
week-collage-posted = The collage is here: { $url }
week-announced = Announced: { $url }

week-announcement =
    🖼️ **Style of the week: { $style }**
    Have a picture of yours painted in it: tap { $emoji } under your picture in an art channel, use `/stylize`, or press the button.
    On <t:{ $ends }:F> I make one collage of all your pictures, with your names: one of each of you, the newest, unless you choose another one or want to be left out.
week-chosen-by = Chosen by <@{ $member }>.
week-original = The picture that it is made of: { $url }
week-withdrawn = The style of this week is not there any more: it was taken back or removed, so the week has ended. The next one begins at its usual time.
week-its-emoji = its emoji
week-study-alt = A study of { $title } by { $artist }

week-status =
    { $members ->
        [0] Style of the week: { $style }. Nobody takes part yet. The collage comes <t:{ $ends }:R>.
        [one] Style of the week: { $style }. One member takes part so far. The collage comes <t:{ $ends }:R>.
       *[other] Style of the week: { $style }. { $members } members take part so far. The collage comes <t:{ $ends }:R>.
    }
week-planned = The next style of the week is { $style }. It begins <t:{ $begins }:R>.
week-unplanned = I choose the next style of the week. It begins <t:{ $begins }:R>.
week-in-it = This picture of yours will be in the collage: { $link }
week-pick-another = Pick another one below if you like it better.
week-newest = The newest
week-older = Number { $number } from the newest

week-head =
    { $members ->
        [one] 🖼️ **{ $style }: the style of the week, by one member**
       *[other] 🖼️ **{ $style }: the style of the week, by { $members } members**
    }
week-full = There is room for { $count } pictures, and these were the first.
week-gone = taken back
week-credit = <@{ $member }> (picture by <@{ $author }>)
week-collage-alt =
    { $members ->
        [one] One member’s picture in the style of { $title }. { $shown }
       *[other] { $members } members’ pictures in the style of { $title }, numbered. { $shown }
    }
week-thread = { $title }: your pictures
