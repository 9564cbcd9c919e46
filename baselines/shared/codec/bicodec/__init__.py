"""BiCodec, the speech codec of Spark-TTS (X. Wang et al., 2025), behind the codec interface: the paper's choice.

Fifty semantic tokens a second say what is spoken; 32 global tokens say who speaks. Module and attribute names follow
the published state dict, so that its tensors load as they are.
"""
