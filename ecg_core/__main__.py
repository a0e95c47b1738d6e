"""``python -m ecg_core …``"""

import sys

from ecg_core.command_line import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
