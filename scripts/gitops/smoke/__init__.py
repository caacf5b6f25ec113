"""The checks of `gitops smoke`: what a cluster has, beside what its folder renders. Each check is a small function."""
