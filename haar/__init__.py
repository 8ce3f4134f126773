"""Viola-Jones face detection from scratch: integral images, Haar features, AdaBoost, the cascade."""

__all__: list[str] = []
