"""One run: the loop over `learner.learn()`, its checkpoints and metrics, and what came of it."""
