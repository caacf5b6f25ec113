"""What a change does, for a reviewer: the model, and the forms it is shown in."""
