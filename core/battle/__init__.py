"""Hyperparameter battles: what is chosen, played and decided; training and drawing are behind ports."""
