"""One worker's life: start, access, reload, warm-up, telemetry, and the process that watches the champion."""
