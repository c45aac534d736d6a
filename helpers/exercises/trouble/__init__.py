"""The exercises of What goes wrong: momentum, and a network of your own."""
