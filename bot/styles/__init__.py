"""The styles on offer: as the engine last told them, and the menu to pick one from."""
