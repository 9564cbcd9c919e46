"""Controls: answers whose worth is known beforehand, so that a metric which does not rank them where they belong is
found out.
"""
