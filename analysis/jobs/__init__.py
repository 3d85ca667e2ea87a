"""What a person asks for: one function per job, taking a workspace."""
