"""The providers in the models tab: a strip of all, a panel for each, and a panel to add one."""
