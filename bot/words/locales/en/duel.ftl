duel-command = Challenge a member: each picture is painted in the style of the other, and the channel votes.
duel-opponent = Whom you challenge.
duel-picture = Your picture. It is shown here, and also lends its style to the other one’s.
duel-hours = How long can people vote?
duel-an-hour = 1 hour
duel-some-hours = { $hours } hours
duel-accept = Accept
duel-refuse = No, thanks
duel-cancel = Call it off
duel-vote = Vote for { $number }
duel-posted = Your challenge is here: { $url }
duel-challenge =
    ⚔️ <@{ $challenger }> challenges <@{ $opponent }> to a duel: each of their pictures is painted in the style of the other, and this channel votes for the one it likes better.
    <@{ $opponent }>, if you accept, a picture of yours is shown here and used for this: it is painted, and it lends its style. The challenge ends <t:{ $ends }:R>.
duel-challenge-alt = The picture of one of two members in a duel
duel-form = Accept the duel
duel-form-picture = Your picture
duel-form-picture-more = It is shown here, painted, and lends its style. Without a file: your newest one in this channel.
duel-accepted = The duel is on: watch it being painted in the thread under the challenge.
duel-painting =
    ⚔️ <@{ $challenger }> against <@{ $opponent }>: both pictures are painted, each in the style of the other. The thread below shows how.
duel-ballot =
    ⚔️ **Which one do you like better?**
    { "**1**" } <@{ $challenger }>’s picture in the style of <@{ $opponent }>’s · **2** <@{ $opponent }>’s picture in the style of <@{ $challenger }>’s
    Everybody else has one vote and may change it until <t:{ $ends }:f>. The count stays secret until then.
duel-sheet-alt = Two paintings, numbered: each made from one member’s picture in the style of the other’s
duel-voted = Your vote: { $number }. You can change it until <t:{ $ends }:f>; then the result comes.
duel-won = ⚔️ **<@{ $winner }> wins { $most } to { $least }** against <@{ $loser }>. Thank you both!
duel-drawn = ⚔️ **A draw, { $votes } to { $votes }**, between <@{ $challenger }> and <@{ $opponent }>. Thank you both!
duel-unvoted = ⚔️ Nobody has voted for <@{ $challenger }>’s or <@{ $opponent }>’s picture, so both win. Thank you both!
duel-refused = ⚔️ <@{ $opponent }> would rather not duel with <@{ $challenger }> now. Maybe another time!
duel-cancelled = ⚔️ The duel of <@{ $challenger }> and <@{ $opponent }> was called off.
duel-no-answer = ⚔️ <@{ $opponent }> has not answered <@{ $challenger }>’s challenge, so it has ended.
duel-not-painted = ⚔️ One of the two pictures of <@{ $challenger }> and <@{ $opponent }> could not be painted, so there is no vote. `/duel` begins anew.
duel-taken-back = ⚔️ A picture in the duel of <@{ $challenger }> and <@{ $opponent }> was deleted, so it has ended without a winner.
