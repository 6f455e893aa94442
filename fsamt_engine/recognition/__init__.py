"""Students watch: live recognition of actions from depth alone."""
