"""What is asked of image models: the prompt, the models, their controls, references, the price."""
