"""The bot: what a Discord member sees of Atelier. It never imports TensorFlow."""
