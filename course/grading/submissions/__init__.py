"""From the folders that students filled to submissions that can be graded.

Comes in: whatever lies below `classroom/submitted`. Goes out: cells of the released lesson, with the
repairs named, or a sentence why not. It must never know: what an answer is worth, and whether it is right.
"""
