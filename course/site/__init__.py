"""The browser edition: static files that any web server can serve, from the same lessons.

In: the lessons and what is installed here. Out: `build/site`, pages to read and a JupyterLite to work in.
It never knows a solution, a hidden test or a submission: it works on the student's form.
"""
