"""Material planning: runs, net change, messages, promises."""
