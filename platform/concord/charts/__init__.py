"""A figure's picture: validated rows in, an accessible SVG out.

One module a picture: `forest`, `differences`, `scatter`, `distribution`. Each is drawn by Altair and vl-convert, so these
modules are imported in workers only, inside the function that draws; `rows` and `picture` are light.
"""
