"""What `gitops secrets` does: stubs, values, sealing and rotation."""
