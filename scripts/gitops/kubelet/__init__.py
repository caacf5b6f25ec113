"""`gitops local up --context`: the development cluster on a person's own minikube, kind, k3s ..."""
