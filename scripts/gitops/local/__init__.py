"""The local platform: a real control plane and a real Argo CD on this machine, without containers (`gitops local`)."""
