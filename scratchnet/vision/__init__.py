"""Image processing by hand: arrays of grey pixels in, arrays out, whole batches at once.

geometry    rotate, scale, shift, shear, flip: one matrix, one warp
resize      another size: by area or bilinear
"""
