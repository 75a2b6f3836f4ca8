"""The subcommands of ``loopdesk hub``."""
