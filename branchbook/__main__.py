"""`python -m branchbook` is the `branchbook` command."""

import sys

from ._cli import main

sys.exit(main())
