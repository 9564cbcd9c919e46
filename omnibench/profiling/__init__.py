"""How fast a model steps and how much memory it holds, away from any data set."""
