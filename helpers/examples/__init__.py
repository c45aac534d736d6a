"""What the lessons show: rounds worked by hand, other people's mistakes, the gallery of loss curves.

Lessons import these modules from `helpers` itself: `from helpers import worked, published, gallery`.
"""
