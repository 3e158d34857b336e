audition-command = Try out all paintings on a picture: one sheet of small ones to choose from.
audition-menu = Try all styles on this image
audition-button = All styles
audition-more-styles = More styles
audition-pick = Choose one to have at full size
audition-choose = Choose a number below, and I paint that one at full size for you.
audition-choose-early = Do you like one already? Choose its number below, and I paint it at full size for you.
audition-own = The attached style image
# $styles: how many there are, or the one
audition-how = This sheet tries out { $styles } on one picture, each of them small: recipe **{ $recipe }**, strength { $strength }, seed { $seed }. Choose a number below it; once that one is painted, ask me about it.
audition-no-menu = To choose one, bring it back where you want it: `/show picture:{ $ticket }`.
audition-numbered = Numbered: { $named }.
# What one may say for it instead of the name of a style
audition-spoken = all, all styles, all of them, everything
