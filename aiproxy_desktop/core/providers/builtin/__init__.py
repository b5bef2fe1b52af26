"""Models on this machine, run by llama.cpp in processes of their own."""
