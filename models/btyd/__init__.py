"""Buy till you die: how often and for how much customers buy who may leave unseen, from their purchases alone.

`bg_nbd` says how many purchases are to be expected, `gamma_gamma` what each will be worth.
"""
