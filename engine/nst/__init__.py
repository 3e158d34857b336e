"""The maths of style transfer: tensors in, tensors out; no clocks or logs, and no files but the network's
weights.

`pyramid` goes over the levels of a picture, coarse to fine. A level (`level` in one piece, `tiled_level` in
tiles) has an `objective` of `losses`, `wasserstein` distances and likeness of the `subject`, between features of
`vgg` (or its `low_rank` form), and an optimiser (`lbfgs`, `adam`) whose points `parameterisation` makes images.
What is compared and optimised is data in `recipes`. `denoising`, `pixels`, `colour`, `masks` and `noise` are what
comes before and after.

Rule: of several pictures side by side, each is a row of every tensor, and no row hears of another.
"""

# What `weights` may say besides a path; here, where reading it does not load TensorFlow.
PACKAGED = "packaged"
IMAGENET = "imagenet"
