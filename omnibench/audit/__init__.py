"""Audits: proofs by experiment that a model or a metric is what it says."""
