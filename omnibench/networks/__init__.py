"""Networks that the metrics run: written or trained here, pure torch modules."""
