"""A cluster of the fleet from nothing: what has to be there before, the steps, the waiting and the undoing."""
