"""`tercet train --tune`: trials of settings on windows before the graded one."""
