"""How Throughline sets itself up, starts and stops on a bare machine. Nothing here knows the business."""
