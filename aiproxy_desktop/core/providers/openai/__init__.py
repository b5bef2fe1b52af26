"""OpenAI's two interfaces, and everyone who speaks the older one."""
