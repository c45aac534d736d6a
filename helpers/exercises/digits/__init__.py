"""The exercises of Digits: a reader of handwriting of your own, judged by digits that nobody has seen."""
