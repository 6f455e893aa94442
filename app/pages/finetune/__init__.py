"""Finetuning: a student learns the lab's own actions from a few labels, and is tested."""
