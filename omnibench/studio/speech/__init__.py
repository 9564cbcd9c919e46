"""Speech whose times, pitch and loudness are the same on every machine: planned in float64, then sounded."""
