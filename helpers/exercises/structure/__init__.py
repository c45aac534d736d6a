"""The exercises of Structure: shapes, counts, and why linear layers collapse."""
