audit-somebody = Somebody who has deleted their data
# Whose picture was painted, as a direct object
audit-own = their own picture
audit-free = an emoji or a sticker
audit-unknown = a picture of somebody unknown
audit-whose = { $author }’s picture
# $how: "in the style of …"; $restricted: "yes" or "no"; $where: "there" is $channel; $shown: "there" is the result's $url
audit-painted =
    🖌️ { $who } had { $whose } painted { $how }, recipe { $recipe }{ $restricted ->
        [yes] { " (age-restricted)" }
       *[no] { "" }
    }{ $where ->
        [there] { " in " }{ $channel }
       *[nowhere] { "" }
    }{ $shown ->
        [there] : [the result]({ $url })
       *[nowhere] .
    }
audit-painted-and-gone = 🖌️ { $who } had { $whose } painted, and it has been deleted since.
audit-changed = ⚙️ { $who } changed the settings: { $what }
# $member: "nobody" if they have deleted their data since
audit-blocked =
    🚫 { $who } blocked { $member ->
        [nobody] a member
       *[other] { $member }
    }.
audit-unblocked =
    🚪 { $who } unblocked { $member ->
        [nobody] a member
       *[other] { $member }
    }.
audit-removed =
    🗑️ { $who } deleted a result{ $member ->
        [nobody] { "" }
       *[other] { " that " }{ $member } had asked for
    }.
audit-purged =
    🧹 { $who } purged { $member ->
        [nobody] a member
       *[other] { $member }
    }: { $what }
audit-style-added =
    🎨 { $who } added { $member ->
        [nobody] the
       *[other] { $member }’s
    } style *{ $style }*.
audit-style-voted =
    🎨 Members voted to add { $member ->
        [nobody] the
       *[other] { $member }’s
    } style *{ $style }*.
audit-style-back = 🎨 { $who } took their style *{ $style }* back.
audit-style-ended = 🎨 The style *{ $style }* is no longer on offer: its picture cannot be used any more, or its author has left.
audit-style-removed =
    🎨 { $who } removed { $member ->
        [nobody] the
       *[other] { $member }’s
    } style *{ $style }*.
audit-week-begun = 🗓️ { $who } began a week in the style “{ $style }”.
audit-week-ended = 🗓️ { $who } ended the week in the style “{ $style }” early.
audit-entry-out =
    🖼️ { $who } took a picture { $member ->
        [nobody] { "" }
       *[other] of { $member }{ " " }
    }out of the gallery.
