"""An IMAP server as a process of its own, with one account, in memory."""

from pymap.main import main

if __name__ == "__main__":
    main()
