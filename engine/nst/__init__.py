"""The maths of style transfer: tensors in, tensors out; no files, clocks or logs."""
