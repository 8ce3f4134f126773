"""Image processing by hand: arrays of grey pixels in, arrays out, whole batches at once.

pixels      what a grey picture is: bytes or floats in 0 … 255, and how results are rounded
grey        from colours to grey
resize      another size: by area or bilinear
fit         another shape, nothing distorted: cover and crop, or by height
gaussian    against noise: a weighted mean of the neighbours
median      against specks: the middle one of the neighbours
threshold   black and white: at a given grey value, or at Otsu's
tone        brightness, contrast, gamma: one curve for all pixels
equalise    contrast by the histogram of the picture
clahe       contrast by the histograms of its parts, held back
tan_triggs  light and shadow taken out of a face
geometry    rotate, scale, shift, shear, flip: one matrix, one warp
align       a face put where its eyes are in all faces
steps       the operations by name, in a list that JSON can hold
histogram   how often each grey value occurs; what Otsu, equalise and clahe count
"""
