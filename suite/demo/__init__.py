"""The demo factory: a maker of home furniture with two plants, the same at every load, its dates counted from today."""
