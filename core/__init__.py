"""What Oh-LoRA does: conversation, memory, safety, expression. Standard library only."""
