"""What waits for a person on the start page: by what they may do, each figure a link into its list."""
