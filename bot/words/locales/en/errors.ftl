errors-apology = Something went wrong on my side; it has been noted. Please try again.
errors-restarted = I was restarted before I could answer: please ask again.

# An image of a request, at the beginning of a sentence. $image: what it is; $nth: which of several, 0 if there is one;
# $called: "name" if $own is what its member calls it
errors-the-image =
    { $called ->
        [name] The { errors-image } (“{ $own }”)
       *[no] The { errors-image }
    }
errors-image =
    { $nth ->
        [0] { "" }
       *[other] { errors-ordinal }{ " " }
    }{ $image ->
        [content] picture
        [style] style image
        [mask] mask
        [previous] earlier result
        [request] request
        [painting] painting
        [study] study
       *[snapshot] moment
    }
errors-ordinal =
    { $nth ->
        [1] first
        [2] second
        [3] third
        [4] fourth
        [5] fifth
        [6] sixth
        [7] seventh
        [8] eighth
        [9] ninth
        [10] tenth
        [11] eleventh
        [12] twelfth
        [21] 21st
        [22] 22nd
        [23] 23rd
       *[other] { $nth }th
    }

# The bot's own
errors-missing-permissions =
    { $count ->
        [one] I cannot paint in this channel: I need the permission { $permissions } here.
       *[other] I cannot paint in this channel: I need the permissions { $permissions } here.
    }
errors-may-not =
    { $count ->
        [one] You need the permission { $permissions } here for that.
       *[other] You need the permissions { $permissions } here for that.
    }
errors-blocked = This server’s moderators do not let you use me here.
errors-not-invited = My commands are in this server, but I am not: whoever manages it can invite me with { $link }
errors-not-set-up = This channel is not set up for art: whoever manages this server can do that with `/setup`.
errors-not-a-starter = Only members with the role { $roles } can have pictures painted here.
errors-too-many-open = You already have { $waiting } on the way here: please wait until one of your pictures is finished.
errors-cooling-down = This server asks for a pause between two pictures: please try again in { DURATION($seconds) }.
errors-server-too-many-open = This server already has { $waiting } on the way, which is as many as it allows: please wait until one of them is finished.
errors-member-day-full = You have had as many pictures here in the last 24 hours as this server allows ({ $limit }): you can have the next one { $at }.
errors-server-day-full = This server has had as many pictures in the last 24 hours as it allows ({ $limit }): there is room for the next one { $at }.
errors-personal-day-full = You have had as many pictures outside of servers in the last 24 hours as I paint for one member ({ $limit }): you can have the next one { $at }.
errors-nobody-to-ask = That picture is somebody else’s, and here I cannot ask them: I paint your own pictures, files that you send along, and pictures of those who let others have them painted in all servers, as they say with `/consent`.
errors-too-long-here = That would take about { DURATION($seconds) }, and here Discord gives me 15 minutes: please choose a smaller size or the recipe draft, or ask me in a direct message or in a server that I am in, where it may take as long as it needs.
errors-switched-off = I am switched off in this server at the moment: whoever manages it can switch me on with `/on`.
errors-paused = I take no new pictures at the moment, as my owner wants it: please try again later.
errors-barred = My owner does not let you use me.
errors-server-barred = My owner does not let me work in this server.
errors-age-restricted = That picture is from an age-restricted channel, so it can only be shown in one.
errors-author-says-no = Whoever made that picture does not want others to have it painted.
errors-not-an-emoji = That emoji cannot be the star here: please choose one that stands for no painting, or one of this server’s by its name.
errors-not-for-all = Not everybody who sees the gallery can see that picture’s channel, so it is not shown there.
errors-not-yours-to-show = Only whoever made that picture, whoever asked for it, or a moderator can do that; what a moderator has taken out, only a moderator puts back.
errors-not-in-gallery = Whoever made that picture does not want it in a gallery.
errors-only-own-pictures = In this server you can have your own pictures painted, and nobody else’s.
errors-consent-needed = { $author }, whose picture that is, has to say yes first.
errors-author-unknown = I cannot tell whose picture that is, so I cannot ask: please use the message that it was first posted in.
errors-not-a-curator = Only moderators decide what is in this server’s museum: please ask one of them.
errors-not-for-museum = Only a picture that a member has posted here by themselves can become a style: please pick its first message.
errors-museum-full = This server’s museum is full, with { $limit } styles: a moderator can remove one with `/museum`.
errors-style-there = That picture is in this server’s museum already, or waits for an answer there: see `/museum`.
errors-offered-enough = A few of your pictures still wait for an answer: please offer this one once they have it.
errors-style-declined = That was asked before, and the answer was no: please pick another picture.
errors-bad-style-name = Please choose a name of { $least } to { $most } letters, digits and spaces, with at least one letter in it.
errors-style-name-taken = The name “{ $title }” is taken here: please choose another one.
errors-bad-style-emoji = Please choose one of these emojis: { $emojis }
errors-style-emoji-taken = { $emoji } stands for something else here. These are free: { $free }
errors-style-over = That has been decided already: see `/museum`.
errors-own-vote = It is your own picture, so the others decide.
errors-style-taken-back = The author of “{ $title }” has taken it back, so I paint nothing more in its style: please choose another one.
errors-style-removed = “{ $title }” is no longer in this server’s museum: please choose another style.
errors-style-elsewhere = “{ $title }” belongs to another server, and can be used only there: please choose another style.
errors-no-picture = That message has no picture that I can paint: please pick another one.
errors-no-picture-here = I see no new picture in this channel: please send one along.
errors-pictures-not-seen = Discord does not show me what others post here: please open the menu of the message, then Apps, then *{ help-stylize-menu }*, or send the picture along.
errors-message-not-seen = I cannot find that message: please check the link, and that both of us may read it.
errors-no-such-source = Please give me a link to a message in this server, its id, or a custom emoji: ordinary emoji have no picture that I can paint.
errors-foreign-address = I fetch nothing from the web: please post the picture here, or give me a link to its message.
errors-several-styles = That may be { $titles }: please choose one of them from the list.
errors-unknown-recipe = I know the recipes { $recipes }: please choose one of them, or leave that out.
errors-several-sources = Please give me one picture to paint: a file, a link or a member.
errors-no-avatar = They have no avatar of their own yet: please choose another picture.
errors-drawn-sticker = That sticker is drawn with moving lines, which I cannot paint: please choose another picture.
errors-of-another-bot = I do not paint what other bots have posted: please choose another picture.
errors-not-finished = That picture is not finished yet: please wait for the result.
errors-author-gone = { $author }, whose picture that is, would have to say yes and is not here.
errors-asked-enough = I have asked { $author }, whose picture that is, a few times today already: please try again tomorrow.
errors-not-the-author = Only { $author } can answer that, as it is their picture.
errors-cannot-be-blocked = You can block neither bots, nor yourself, nor members who manage this server.
errors-not-fetched = { errors-the-image } could not be fetched from Discord: please try again.
errors-not-yours = Only the member who asked for this picture, or a moderator, can stop it.
errors-not-yours-to-delete = Only whoever asked for this picture, whoever made the original, or a moderator can delete it.
errors-ticket-over = This picture is already finished, so there is nothing to stop.
errors-already-underway = That very picture is already being painted for you.
errors-still-fetching = What you asked for before is still on its way: please try again in a moment.
errors-picture-gone = I no longer have the picture that this was painted from: please send it again.
errors-largest = That is as large as I can paint it here.
errors-server-only = That only works in a server.
errors-cannot-express =
    { $count ->
        [one] I need the permission { $permissions } in this server for that.
       *[other] I need the permissions { $permissions } in this server for that.
    }
errors-hidden-picture = That picture is hidden as a spoiler, and there everybody would see it: please pick another one.
errors-no-more-expressions = This server has no room for another one: a moderator has to remove one first.
errors-not-expressed = Discord did not take this picture for that: please try another one.
errors-no-such-picture = I cannot find that picture: please give me a link to my message with it, or its code from `/history`.
errors-result-deleted = That picture was deleted, so I cannot do anything more with it.
errors-moment-deleted = That moment was deleted here, so I do not post it again: please pick another one.
errors-not-a-result = That message has no picture of mine: please pick one that I have painted.
errors-all-tried = There are no more styles than those on the sheets.
errors-still-painting = That picture is still being painted: press “{ ticket-cancel }” below it instead.
errors-painting-gone = I no longer have the moments of this painting: they are kept for some days only.
errors-engine-unreachable = The painting engine cannot be reached at the moment: please try again in a minute.
errors-engine-busy = The painting engine has a lot to do: please try again in a moment.
errors-engine-full = The painting engine has no room for new pictures at the moment: please try again later.
errors-engine-locked = The painting engine is not available at the moment: please try again later.
errors-discord-away = Discord does not give me the picture at the moment: please try again in a minute.
errors-disk-full = I have no room for new pictures at the moment: please try again later.
errors-images-away = I cannot get at my store of pictures at the moment: please try again later.
errors-memory-damaged = I cannot take new pictures at the moment: my owner needs to look at my log first.
errors-no-week = There is no style of the week in this server: whoever manages it can choose a channel for it with `/setup`.
errors-no-week-now = There is no style of the week at the moment: the next one is announced soon.
errors-week-over = That week is over, so there is nothing to choose any more.
errors-cannot-duel = Please challenge another member who can write in this channel: not yourself, and not a bot.
errors-duel-unwanted = That member would rather have no duels: please challenge somebody else.
errors-duel-underway = You already have a duel here: please wait for its end, or call it off.
errors-duel-later = You have challenged that member enough for now: you can again { $at }.
errors-challenged-enough = That member has several challenges to answer already: please try again later.
errors-challenger-cannot = Whoever challenged you cannot have a picture painted at the moment: please try again later.
errors-not-your-duel = This is not your duel: you can vote once both pictures are painted.
errors-duel-over = That duel is past this already.
errors-too-new = Votes count from whoever has been around for a while: you can vote { $at }.
errors-own-duel = This is your own duel: the others vote.
errors-forgotten = I was restarted since this was opened: please open it again.
errors-stopping = I am being restarted: please ask again in a minute.
errors-config-unreadable = The configuration { $path } cannot be read: { $reason }.
errors-config-not-text = The configuration { $path } is not a text in UTF-8.
errors-config-not-toml = The configuration { $path } is not valid TOML: { $reason }.
errors-unknown-table = The configuration { $path } is not valid: '{ $key }' is not one of the tables [engine] and [bot].
errors-unknown-setting = The configuration { $path } is not valid: [bot] has no setting called '{ $key }'.
errors-bad-setting = The configuration { $path } is not valid: { $key } in [bot]: { $reason }.
errors-not-http = The configuration { $path } is not valid: { $key } in [bot] must be an http or https address, without a path.
errors-not-https = The configuration { $path } is not valid: { $key } in [bot] must be an https address, without a path; http is for this machine and its own network only.
errors-links-not-served = Private links cannot be served on { $host }:{ $port }: { $reason }.
errors-no-token = The bot’s token is missing: set the environment variable { $variable }.
errors-not-loopback = { $variable } may only name an http address on this machine’s loopback.
errors-directory-not-made = The directory { $path } cannot be made: { $reason }.
errors-bad-database-url = database_url in [bot] cannot be used: { $reason }.
errors-database-not-opened = The database { $database } cannot be opened: { $reason }.
errors-database-newer = The database { $database } was made by a newer bot than this.
errors-database-in-use = The database { $database } is in use by another bot process.
errors-bad-images-url = images in [bot] cannot be used: { $reason }. See that the bucket is there, and AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.
errors-no-images-driver = The store in images needs a library that is not installed: pip install "atelier[s3]".
errors-no-database-driver = The database in database_url needs a driver that is not installed: pip install "atelier[postgres]".
errors-shard-taken = Shard { $shard } is served by another bot process on the same database: each process needs shard_ids of its own.
errors-shard-counts-differ = Another bot process on the same database has shard_count = { $other }, and this one { $count }: all need the same.
errors-backup-failed = No backup was made in { $folder }: { $reason }.
errors-backup-elsewhere = The database in database_url is not a file that I keep: please back it up with its own tools.
errors-login-refused = Discord does not accept the token in { $variable }.
errors-intent-refused = Discord does not grant the Message Content intent: switch it on in the developer portal, or set message_content = false.
errors-session-refused = Discord refuses the bot’s session for good: { $reason }.
errors-turned-away = Discord turns the bot away: { $reason }.
errors-discord-unreachable = Discord cannot be reached: { $reason }.

# The engine's
errors-wire-not-an-image = { errors-the-image } is not an image that I can read: please send a { $formats }.
errors-wire-broken-image = { errors-the-image } is damaged, so I cannot open it: please save it again and send it once more.
errors-wire-unusual-kind = { errors-the-image } is of a kind that hardly any program reads: please save it as an ordinary JPEG or PNG.
errors-wire-too-many-bytes = { errors-the-image } is { MEGABYTES($size) } MB large, and the limit is { MEGABYTES($limit, round: "down") } MB: please try a smaller one.
errors-wire-too-many-pixels = { errors-the-image } has { $width } x { $height } pixels, and the limit is { MEGAPIXELS($limit) } megapixels: please make it smaller.
errors-wire-too-many-frames = { errors-the-image } is an animation of { $frames } frames, and the limit is { $limit }: please send a shorter one.
errors-wire-heavy-format = { errors-the-image } has { $width } x { $height } pixels, and the limit for a file of its kind is { MEGAPIXELS($limit) } megapixels: please save it smaller, or as a JPEG.
errors-wire-slow-image = { errors-the-image } takes longer than { $seconds } seconds to open: please save it smaller, or in another format.
errors-wire-huge-image = { errors-the-image } needs more than { MEGABYTES($limit, round: "down") } MB of memory to open: please save it smaller, or in another format.
errors-wire-too-small = { errors-the-image } has { $width } x { $height } pixels, and each side needs at least { $limit }: please try a larger one.
errors-wire-too-narrow = { errors-the-image } has { $width } x { $height } pixels, and one side may be at most { $limit } times as long as the other: please crop it.
errors-wire-black-mask = { errors-the-image } is black all over, so its style would be nowhere: please make it white where the style goes.
errors-wire-clear-style = { errors-the-image } is transparent all over, so there is no style to take: please choose another one.
errors-wire-no-style = Please choose a style: attach a style image, or pick one of the paintings.
errors-wire-too-many-styles = At most { $limit } styles can be mixed in one picture: please leave some out.
errors-wire-unknown-style = There is no style called “{ $name }” here: `/styles` lists them all.
errors-wire-bad-request = The painting engine did not understand that: please try it another way.
errors-wire-too-slow = Your pictures took too long to reach the painting engine: please try again.
errors-wire-too-large = The recipe { $recipe } does not paint { $wanted } pixels here: please choose a size of { $size } or less.
errors-wire-takes-too-long = With the recipe { $recipe } this would take about { DURATION($seconds) }, and a picture may take { DURATION($limit, round: "down") } here: please choose a size of { $size } or less, or a quicker recipe.
errors-wire-audition-too-long = Trying out all these styles would take about { DURATION($seconds) }, and { DURATION($limit, round: "down") } is the most here: please choose { $styles } of them, or a quicker recipe.
errors-wire-recipe-too-slow = With the recipe { $recipe } this would take about { DURATION($seconds) }, and a picture may take { DURATION($limit, round: "down") } here: please choose the recipe { $other }.
errors-wire-engine-too-slow = This would take about { DURATION($seconds) }, and a picture may take { DURATION($limit, round: "down") } here: please send a shorter animation, or ask my owner to allow more.
errors-wire-bad-token = The painting engine is not available at the moment: please try again later.
errors-wire-not-found = The painting engine no longer has this: please ask for it again.
errors-wire-key-reused = The painting engine took this for another picture: please ask again.
errors-wire-queue-full = The queue is full, with { $waiting } waiting: please try again in about { $minutes } min.
errors-wire-user-queue-full = You already have { $waiting } in the queue: please wait until one of your pictures is finished.
errors-wire-group-queue-full = This server already has { $waiting } in the queue: please wait until one of its pictures is finished.
errors-wire-storage-full = The painting engine has no room for new pictures at the moment: please try again later.
errors-wire-storage-damaged = The painting engine has trouble with its storage: its owner needs to look at it.
errors-wire-not-ready = The painting engine is still starting: please try again in a moment.
errors-wire-busy = The painting engine has a lot to do: please try again in a moment.
errors-wire-draining = The painting engine takes nothing new in at the moment: please try again later.
errors-wire-not-painted-yet = This picture is not painted yet: please wait until it is finished.
errors-wire-content-gone = I no longer have the picture that this was painted from, so I cannot show the two together.
errors-wire-no-recipe = This picture does not say how it was made: it was not painted here, or what it said was removed.
errors-wire-bad-recipe = I cannot read how this picture was made: what it says of that is damaged, changed or of another version.
errors-wire-worker-lost = The painting was interrupted { $attempts } times and got no further, so I gave it up: please try again later, or at a smaller size.
errors-wire-images-gone = The painting engine no longer has your picture: please send it again.
errors-wire-out-of-memory = The picture needs more memory than the painting engine has: please try a smaller size.
errors-wire-bad-weights = The painting engine cannot paint at the moment: its owner needs to look at its log.
errors-wire-internal = Something went wrong in the painting engine, and its log has the details: please try again.

# What is said beside a result
errors-note-flat-style = { errors-the-image } has hardly any colour or structure, so there is little style to take.
errors-note-mask-resized = { errors-the-image } had another shape than the picture ({ $width } x { $height }) and was resized to it.
errors-note-smaller-for-memory = The painting engine does not have enough memory for { $wanted } pixels, so this is painted at { $size }.
errors-note-shrunk-for-memory = At { $wanted } pixels this needed more memory than the painting engine had in the end, so it is painted at { $size }.
errors-note-frames-thinned = Of the animation’s { $frames } frames { $painted } are painted.
errors-note-first-frame = Only the first of the animation’s { $frames } frames is painted, so the result does not move.
errors-note-smaller-for-frames = Animations are painted at { $limit } pixels at most, and so is this one.
errors-note-over-bytes = It could not be made smaller than { KILOBYTES($size) } KB, and the limit for this ({ $preset }) is { KILOBYTES($limit) } KB.
errors-note-painted-afresh = I no longer have the small picture that you chose, so this is painted afresh and may look a little different.

# Discord's names of what the bot needs
errors-permission-view-channel = View Channel
errors-permission-send-messages = Send Messages
errors-permission-send-messages-in-threads = Send Messages in Threads
errors-permission-attach-files = Attach Files
errors-permission-read-message-history = Read Message History
errors-permission-add-reactions = Add Reactions
errors-permission-create-public-threads = Create Public Threads
errors-permission-create-expressions = Create Expressions
errors-permission-manage-guild = Manage Server
errors-permission-manage-messages = Manage Messages
errors-permission-manage-threads = Manage Threads
errors-aside = …
