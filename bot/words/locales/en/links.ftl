links-full-size = Full size
links-open = Fetch the full size
links-none = I do not give out links any more: “{ result-copy }” behind “{ result-more }” sends you the picture.
links-about = Full size: { $width } × { $height } pixels, { $format }, { $megabytes } MB. The link is private: whoever has it can fetch the picture until { $until }.
# What a browser shows
links-nothing-here = There is nothing here, or not any more. A private link ends after a while, and with its picture: press “{ links-full-size }” below the picture in Discord for a new one.
links-busy = Many pictures are being fetched just now: please try again in a minute.
links-away = The picture cannot be fetched at the moment: please try again in a minute.
