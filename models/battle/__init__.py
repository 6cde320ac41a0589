"""Hyperparameter battles: pictures, problems, trainings, and how she chooses."""
