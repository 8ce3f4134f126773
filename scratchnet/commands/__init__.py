"""The command line, one file a command: `arguments` says what it takes, `run` what it does.

    predict    faces and their expressions            crop       faces to train on, out of photos
    detect     only the faces                         train      a network, from the beginning
    evaluate   how good a network is                  finetune   a trained network, on other faces
    info       a model's card                         gradcheck  is backward the derivative?
    learn      rebuild the library, a function at a time
    warmup     compile the kernels of all layers now

Each is thin: the work is done in `scratchnet.fer`, that of `learn` in `scratchnet.learn`. `run`
returns the exit status:

    0    everything was done
    1    some of the photos could not be read; the others were done
    2    nothing was done: wrong options, no model, no data; one line says why
    130  stopped with Ctrl-C
"""

SUMMARIES = {
    "predict": "find faces in photos and say how much of each emotion they show",
    "detect": "find faces in photos",
    "crop": "cut faces out of a folder of labelled photos, to train on",
    "train": "train a network on facial expressions",
    "finetune": "train a network further, on a folder of your own faces",
    "evaluate": "measure how good a network is, on faces it has not seen",
    "info": "print a model's card",
    "gradcheck": "check that backward is the derivative of forward",
    "learn": "write a function of the library anew, and be told what is wrong with it",
    "warmup": "compile the kernels of all layers now",
}
