"""`embereye` and `python -m embereye`."""

import multiprocessing
import sys


def main() -> None:
    """Run the command line; ends the process with its exit code."""
    # Frozen programs start their own children through here (spawn); this call is theirs.
    multiprocessing.freeze_support()
    from embereye.cli.main import run_command_line  # children must not load it

    sys.exit(run_command_line(sys.argv[1:]))


if __name__ == "__main__":
    main()
