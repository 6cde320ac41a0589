"""How models run: worker threads behind bounded, fair queues."""
