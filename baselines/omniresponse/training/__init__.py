"""How OmniResponse is trained."""
