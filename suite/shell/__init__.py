"""The shell around every page: navigation, plant switch, search, theme, log-in, live stream."""
