"""The command line's subcommands, which work without a window."""
