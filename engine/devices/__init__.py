"""What paints: how a device is named, how a process gets that one and no other, and what is different on a GPU.

Rule: nothing that paints asks TensorFlow itself which device there is, or reads `CUDA_VISIBLE_DEVICES`. `names` is free of
TensorFlow; `device` brings it in.
"""
