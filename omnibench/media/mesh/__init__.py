"""The mesh renderer: a head with 52 blendshapes, drawn by a software rasteriser on one core."""
