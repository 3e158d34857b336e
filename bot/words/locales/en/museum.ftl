museum-menu = Offer as a style
museum-group = Styles that this server has made of its members’ pictures.
museum-show = See this server’s own styles, and yours in all servers.
museum-add = Make a picture that was posted here a style of this server, once its author says yes.
museum-add-picture = A link to the message with the picture.
museum-add-name = What the style is called.
museum-add-emoji = The emoji that stands for it; left out, I choose one.

museum-purpose =
    Anybody in this server may then have pictures painted in the style of this picture, and each of these says that the style is by you.
    You can take that back at any time: with a button, with `/museum show`, or by deleting your picture. It also ends if you leave this server.

museum-title = A new style of this server
museum-rename-title = Rename a style
museum-name = Name
museum-name-help = What the style is called
museum-emoji = Emoji
museum-emoji-help = It stands for the style under pictures; left out, I choose one
museum-which = Picture
museum-which-help = That message has several
museum-yes = Yes, that is all right
museum-no = No
museum-add-it = Add it
museum-decline = No thanks
museum-take-back = Take it back
museum-rename = Rename
museum-remove = Remove
museum-back = All styles of this server
museum-keep = Keep it
museum-keep-results = Take it back
museum-delete-results = Take it back, and delete those results
museum-remove-now = Remove it
museum-look = See one large
museum-none = This server has no styles of its own yet. Open the menu of a message with your picture, then Apps, then *{ $menu }*.
museum-none-of-yours = None of your pictures is a style in any server.
museum-of-nobody = a member
museum-that-style = that style

museum-question = <@{ $author }>, <@{ $proposer }> would like to make this picture a style of this server: { $style }. Is that all right with you?
museum-vote = <@{ $author }> offers this picture as a style of this server: { $style }. Would you like it? With { $needed } ✅ until { $until } it becomes one; { $votes } so far. A moderator can decide sooner.
museum-offered = <@{ $author }> offers this picture as a style of this server: { $style }. A moderator decides whether it becomes one.
museum-shown = { $style } by <@{ $author }> is now a style of this server: `/stylize style:{ $name }`, or tap { $emoji } under a picture in an art channel.
museum-shown-author = <@{ $author }> can take it back at any time.
museum-question-of-own = Shall your picture become a style of this server, { $style }?
museum-asked = I have asked <@{ $author }>: if they say yes, { $style } goes on from there.

museum-thanks-shown = Thank you! { $style } is now a style of this server. You can take it back at any time with `/museum show`.
museum-thanks-soon = Thank you! I add { $style } as soon as the painting engine can be reached.
museum-thanks-vote = Thank you! The members of this server now decide about { $style }.
museum-thanks-moderator = Thank you! A moderator now decides about { $style }.
museum-said-no = All right: it does not become a style, and nobody is asked about this picture again.
museum-declined = All right: it does not become a style of this server.
museum-renamed = It has its new name now. What was painted before keeps the old one.
museum-decided-shown = { $style } is now a style of this server.
museum-decided-soon = I add { $style } as soon as the painting engine can be reached.
museum-voted = Your ✅ counts. Press it again to take it back.
museum-vote-taken-back = I have taken your ✅ back.

museum-page = This server’s own styles ({ $count } of at most { $limit }):
museum-of = { $style } by <@{ $author }>
museum-waits = { $style } by <@{ $author }>: { $for }
museum-waits-author = waits for its author
museum-waits-engine = waits for the painting engine
museum-restricted = in age-restricted channels only
museum-waits-vote = the members vote
museum-waits-moderator = waits for a moderator
museum-own = Your pictures that are styles, or are about to be:
museum-own-in = { $style } in { $server }
museum-one-since = by <@{ $author }>, with their consent, since { $since }
museum-picture = The picture { $name } by { $credit }
museum-sheet = This server’s own styles, numbered. { $listed }
museum-listed = { $number }: { $name } by { $credit }
museum-by = by { $credit }

museum-confirm-taking-back = Take { $style } back? Nothing more is painted in its style, what is being painted stops, and I delete my copy of your picture. What was painted already can stay, with your credit, or go too.
museum-confirm-withdrawing = Take { $style } back? Then it does not become a style.
museum-confirm-removing = Remove { $style } from this server’s styles? What was painted in it stays. To have it back, its author has to say yes again.
museum-taken-back = { $style } is taken back: nobody can use it any more.
museum-taken-back-results = { $style } is taken back: nobody can use it any more. What was painted in its style here disappears in a moment.
museum-removed = { $style } is no longer a style of this server.
