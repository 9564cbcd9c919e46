"""A confined process for strangers' files."""
