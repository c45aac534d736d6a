"""The exercises of lesson 8: a recurrent network forwards and backwards, and a gradient kept short."""
