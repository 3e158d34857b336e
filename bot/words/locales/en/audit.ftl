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
audit-blocked = 🚫 { $who } blocked { $member }.
audit-unblocked = 🚪 { $who } unblocked { $member }.
audit-removed = 🗑️ { $who } deleted a result that { $member } had asked for.
audit-purged = 🧹 { $who } purged { $member }: { $what }
audit-style-added = 🎨 { $who } added { $member }’s style *{ $style }*.
audit-style-voted = 🎨 Members voted to add { $member }’s style *{ $style }*.
audit-style-back = 🎨 { $who } took their style *{ $style }* back.
audit-style-ended = 🎨 The style *{ $style }* is no longer on offer: its picture cannot be used any more, or its author has left.
audit-style-removed = 🎨 { $who } removed { $member }’s style *{ $style }*.
audit-week-begun = 🗓️ { $who } began a week in the style “{ $style }”.
audit-week-ended = 🗓️ { $who } ended the week in the style “{ $style }” early.
audit-entry-out = 🖼️ { $who } took a picture of { $member } out of the gallery.
