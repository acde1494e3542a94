"""`tercet train --tune`: trying settings on windows before the graded one."""
