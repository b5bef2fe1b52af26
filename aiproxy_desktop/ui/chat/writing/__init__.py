"""What is not sent yet: the composer, drafts, saved prompts, the live count."""
