"""The networks of OmniResponse, and the file that holds their weights."""
