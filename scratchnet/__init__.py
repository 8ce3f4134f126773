"""scratchnet: a convolutional neural network library whose every layer is written by hand."""
