"""Viola-Jones face detection from scratch; still empty, it comes with another change."""

__all__: list[str] = []
