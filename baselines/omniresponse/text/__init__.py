"""The words of OmniResponse: tokens, their times, and how they are drawn."""
