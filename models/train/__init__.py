"""Trains and measures the sentence encoders. `python -m train --help`, from the folder `models`."""
