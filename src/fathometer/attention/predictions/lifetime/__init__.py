"""How long clusters live at the least: caps that hold their tokens, and a proved bound of the first merger.

May import: model, observables.
"""
