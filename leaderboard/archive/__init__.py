"""What a team sends: one archive, made, checked and unpacked."""
