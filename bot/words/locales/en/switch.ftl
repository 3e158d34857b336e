switch-off = Switch me off in this server: I paint nothing until you switch me on again.
switch-on = Switch me on again in this server.
switch-painting = What becomes of pictures that are being painted right now; the others are stopped.
switch-finish = They are finished
switch-stop = They are stopped too
switch-button-on = Switch on
switch-button-off = Switch off
switch-button-stop = Stop those too
switch-was-on = ▶️ I am switched on here already.
switch-is-on = ▶️ I am switched on again. What was stopped does not come back by itself: members can ask again.
switch-is-off = ⏸️ I am switched off in this server.
switch-was-off = ⏸️ I am switched off in this server already.
switch-what = I take nothing new and put no emojis under pictures; what was waiting is stopped, and its members are told.
switch-left =
    { $count ->
        [one] One picture is still being painted.
       *[other] { $count } pictures are still being painted.
    }
switch-how = `/on` switches me on again.
