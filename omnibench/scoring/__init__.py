"""The score stage: predictions and a data set in, one signed number a metric out."""
