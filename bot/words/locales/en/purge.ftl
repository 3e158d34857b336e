purge-group = Delete many results at once.
purge-command = Delete what a member had painted in this server; I show you how much it is first.
purge-option-member = The member, who may have left.
purge-option-results = Which results; both kinds unless you choose.
purge-option-since = How far back; a day unless you choose.
purge-both = those they asked for and those of their pictures
purge-asked = those they asked for
purge-made = those of their pictures
purge-hour = the last hour
purge-day = the last day
purge-week = the last week
purge-ever = everything
purge-confirm = Delete them
purge-confirm-styles = Delete all of it, their styles too
purge-keep = Keep them
purge-kept = Nothing was deleted.

# $which: one of those above; $since: "then" is $when
purge-nothing =
    { $since ->
        [then] There is nothing to delete: I find no results of { $member } since { $when } ({ $which }).
       *[ever] There is nothing to delete: I find no results of { $member } ({ $which }).
    }
purge-question =
    { $since ->
        [then] This deletes { $counted } of { $member } since { $when } ({ $which }), with all copies, for good. They are not told.
       *[ever] This deletes { $counted } of { $member } ({ $which }), with all copies, for good. They are not told.
    }
purge-styles =
    { $count ->
        [one] Of { $member }, this server also has a style, which can go too: { $styles }.
       *[other] Of { $member }, this server also has { $count } styles, which can go too: { $styles }.
    }
purge-underway =
    { $count ->
        [one] 🧹 Deleting… { $gone } of { $count } message gone.
       *[other] 🧹 Deleting… { $gone } of { $count } messages gone.
    }
purge-done = 🧹 Deleted: { $counted }.
purge-left =
    { $count ->
        [one] Discord is slow: the last { $count } message will go by and by.
       *[other] Discord is slow: the last { $count } messages will go by and by.
    }
purge-audit = { $counted } deleted.

# How much it is, as a direct object
purge-results =
    { $results ->
        [one] { $results } result
       *[other] { $results } results
    }{ $channels ->
        [one] { " in " }{ $channels } channel
       *[other] { " in " }{ $channels } channels
    }
purge-waiting =
    { $count ->
        [one] { $count } picture not finished yet
       *[other] { $count } pictures not finished yet
    }
purge-duels =
    { $count ->
        [one] { $count } duel
       *[other] { $count } duels
    }
purge-counted-styles =
    { $count ->
        [one] { $count } style
       *[other] { $count } styles
    }
