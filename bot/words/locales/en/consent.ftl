consent-command = Choose whether others may have your pictures painted.
consent-always = Always
consent-once = This once
consent-no = No
consent-asked = I have asked { $author }: if they say yes, I paint it right away.
consent-said-always =
    { $author } says yes, to this picture and to others.
    -# `/consent` changes that.
consent-said-once = { $author } says yes to this one.
consent-said-no =
    { $author } would rather not.
    -# `/consent` changes that.
consent-over = -# This has been answered.
consent-here = In this server
consent-everywhere = In all servers
consent-saved = Saved: it counts from now on.

# What the question calls the picture, as a direct object
consent-this = this
consent-this-at = [this]({ $url })
consent-avatar = your avatar
consent-own-style = a style of their own
consent-more-askers = { $count } others
consent-more-styles = { $count } more
# $askers: how many $members are
consent-question = { $author }, { $members } would like to see { $picture } in { $styles }: may I paint it?

consent-overview = You can always have your own pictures painted. May others have them painted too?
consent-now = Here, now: { $rule }.
consent-where-here = In this server: { $answer }.
consent-where-everywhere = In all servers: { $answer }.
consent-answer-always = Others may, without asking
consent-answer-ask = Others may, once I have said yes
consent-answer-never = Nobody but me
consent-unsaid-here = What I chose for all servers
consent-unsaid-everywhere = What each server’s rule says
consent-rule-own = nobody else, by this server’s rule
consent-rule-ask = others, once you have said yes to a picture, by this server’s rule
consent-rule-open = others too, by this server’s rule
