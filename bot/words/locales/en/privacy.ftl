privacy-group = What I keep about you.
privacy-show = See everything that I keep about you; nobody else sees it.
privacy-delete = Delete what I keep about you; I ask you first what to delete.
privacy-file = what-i-keep-about-you.json

privacy-delete-now = Delete my data
privacy-keep = Keep everything
privacy-kept = Nothing was deleted.
privacy-nothing = I keep nothing about you.

privacy-summary = This is what I keep about you; the file has all of it.
privacy-how = -# `/privacy delete` deletes it.
# By the tables of the database
privacy-count-tickets =
    { $count ->
        [one] { $count } picture that you asked for, or that was made from one of yours
       *[other] { $count } pictures that you asked for, or that were made from one of yours
    }
privacy-count-posts =
    { $count ->
        [one] { $count } message of mine that shows one of them
       *[other] { $count } messages of mine that show them
    }
privacy-count-reactions =
    { $count ->
        [one] { $count } reaction that asked for a picture
       *[other] { $count } reactions that asked for a picture
    }
privacy-count-consents =
    { $count ->
        [one] { $count } answer to whether others may have your pictures painted
       *[other] { $count } answers to whether others may have your pictures painted
    }
privacy-count-consents-asked =
    { $count ->
        [one] { $count } question about that which is still open
       *[other] { $count } questions about that which are still open
    }
privacy-count-museum =
    { $count ->
        [one] { $count } picture that is, was or may become a style of a server, as its author or as who proposed it
       *[other] { $count } pictures that are, were or may become styles of servers, as their author or as who proposed them
    }
privacy-count-museum-votes =
    { $count ->
        [one] { $count } vote for such a picture
       *[other] { $count } votes for such pictures
    }
privacy-count-audit =
    { $count ->
        [one] { $count } setting of a server that you have changed
       *[other] { $count } settings of servers that you have changed
    }
privacy-count-weeks =
    { $count ->
        [one] { $count } style of the week that you have chosen
       *[other] { $count } styles of the week that you have chosen
    }
privacy-count-entries =
    { $count ->
        [one] { $count } choice of yours for a style of the week
       *[other] { $count } choices of yours for styles of the week
    }
privacy-count-duels =
    { $count ->
        [one] { $count } duel of yours
       *[other] { $count } duels of yours
    }
privacy-count-votes =
    { $count ->
        [one] { $count } vote of yours in a duel
       *[other] { $count } votes of yours in duels
    }
privacy-count-blocks =
    { $count ->
        [one] { $count } decision of moderators about you, or of yours about others
       *[other] { $count } decisions of moderators about you, or of yours about others
    }
privacy-count-images =
    { $count ->
        [one] { $count } picture whose images I still have
       *[other] { $count } pictures whose images I still have
    }

privacy-question = This deletes what I keep about you: the pictures you sent, what you asked for, your reactions, and what the painting engine has of them. What is being painted for you is stopped, and your pictures are no styles any more.
privacy-results-go = The results that you asked for are deleted from their channels.
privacy-results-stay = The results that you asked for stay where they were posted.
privacy-pictures-go = The results that others made from your pictures, or in a style of yours, are deleted from their channels.
privacy-pictures-stay = The results that others made from your pictures, or in a style of yours, stay where they were posted.
privacy-no-stays = Your “no” to others painting your pictures is remembered, but nothing else.
privacy-no-goes = Your “no” to others painting your pictures is forgotten too.
privacy-leave-results = Leave my results in place
privacy-take-results = Delete my results too
privacy-leave-pictures = Leave others’ results
privacy-take-pictures = Delete results of my pictures
privacy-forget-no = Forget my “no” too
privacy-remember-no = Remember my “no”
privacy-deleted = Deleted.
privacy-results-disappear = The results disappear from their channels in a moment.
privacy-seen = I still remember for four days which pictures you reacted to, or I would paint them again.
privacy-still-counted = As there is a daily limit, I also remember for a day how many pictures you asked for, and nothing else of them.
privacy-count-counted =
    { $count ->
        [one] { $count } picture that still counts for a daily limit, although I know nothing else of it
       *[other] { $count } pictures that still count for a daily limit, although I know nothing else of them
    }
privacy-count-stars =
    { $count ->
        [one] { $count } star that you have given to a picture
       *[other] { $count } stars that you have given to pictures
    }
privacy-count-pieces =
    { $count ->
        [one] { $count } picture of yours that has been starred
       *[other] { $count } pictures of yours that have been starred
    }
privacy-count-refusals =
    { $count ->
        [one] { $count } server in whose gallery you do not want to be
       *[other] { $count } servers in whose galleries you do not want to be
    }
