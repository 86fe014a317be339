"""The subcommands of `linli`, one small module each; hall/cli.py registers them."""
