"""Generated faces."""

from __future__ import annotations

import numpy as np

from scratchnet.fer.drawing import action_units as aus
from scratchnet.fer.drawing.portrait import draw_faces
from scratchnet.fer.drawing.variation import TRAITS, background, expose, sample_traits, sample_units
from scratchnet.fer.labels import SEVEN

def generate_faces(count, rng, *, size=48, intensity=(.6,1.), expressions=None):
    MIX = np.stack([aus.intensities(aus.EMOTIONS[name]) for name in SEVEN])
    imgs=np.empty((count,size,size),np.uint8); labels=np.empty(count,int); lm=np.empty((count,68,2),np.float32)
    rngs=rng.spawn(count)
    for s in range(0,count,128):
        rs=rngs[s:s+128]; B=len(rs)
        lab=np.array([r.integers(7) for r in rs])
        if expressions is not None: lab=expressions[s:s+128]
        u=np.stack([r.random(len(TRAITS)) for r in rs])
        au=np.stack([sample_units(MIX[l],intensity,r) for l,r in zip(lab,rs)])
        noise=np.stack([r.standard_normal((size,size),dtype=np.float32) for r in rs])
        tr=sample_traits(u,size)
        c=background(B,size,tr)
        lm[s:s+B]=draw_faces(c,tr,au)
        imgs[s:s+B]=expose(c,tr,noise)
        labels[s:s+B]=lab
    return imgs,labels,lm
