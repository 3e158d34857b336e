# What is proposed as the name of an emoji: only letters, digits and underscores
expressions-name = painting
expressions-name-label = Name
expressions-title-emoji = A new emoji for this server
expressions-title-sticker = A new sticker for this server
expressions-hint-emoji = Only letters, digits and underscores.
expressions-hint-sticker = Members find it by this name.
expressions-cut-avatar = Cut for an avatar: save it, then set it in your profile.
expressions-cut-banner = Cut for a banner: save it, then set it in your profile.
expressions-set = Done: this server shows that picture now.
expressions-emoji-added = Added { $emoji }: everybody here can use it as `:{ $name }:`.
expressions-sticker-added = Added the sticker “{ $name }”: everybody here can use it.
expressions-reason = asked for by the member { $member }
