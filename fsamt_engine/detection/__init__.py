"""Where in an untrimmed take an action starts and ends."""
