"""`python -m fsamt_engine.cli`, where the script `fsamt` is not on the path."""

import sys

from fsamt_engine.cli.entry import main

sys.exit(main())
