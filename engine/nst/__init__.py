"""The maths of style transfer: tensors in, tensors out; no files, clocks or logs."""

# What `weights` may say besides a path; here, where reading it does not load TensorFlow.
PACKAGED = "packaged"
IMAGENET = "imagenet"
