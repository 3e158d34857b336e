# The paintings, as the engine calls them: a test holds these to its own words. An id is a painting's key; what else than its
# title is told of it is here only where a language may say it in another way.
paintings-starry-night = The Starry Night
paintings-great-wave = Under the Wave off Kanagawa
paintings-the-scream = The Scream
paintings-composition-vii = Composition VII
paintings-water-lilies = Water Lilies
paintings-woman-with-a-hat = Woman with a Hat
paintings-udnie = Udnie
paintings-shipwreck = The Wreck of a Transport Ship
paintings-tableau-2 = Tableau No. 2 / Composition No. VII
paintings-red-chalk-woman = Woman in Peasant Dress, Red Chalk
paintings-contrast-of-forms = Contrast of Forms
paintings-cherry-tree = Cherry Tree
paintings-red-chalk-woman-artist = a Dutch artist (not verified)
paintings-great-wave-year = c. 1831
paintings-water-lilies-year = c. 1919
paintings-shipwreck-year = c. 1810
paintings-red-chalk-woman-year = 17th century
paintings-cherry-tree-year = early 19th century
paintings-great-wave-collection = Metropolitan Museum of Art, New York, and others: a print
paintings-composition-vii-collection = Tretyakov Gallery, Moscow
paintings-shipwreck-collection = Calouste Gulbenkian Museum, Lisbon
