"""What people write down: actions, requests, feedback."""
