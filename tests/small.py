"""The shapes of small models. What a test sets beside them is what it is about."""

SMALL = {"num_layers": 1, "d_model": 16, "num_heads": 2, "d_ff": 24}
MODERN = {  # all that is optional, together
    "positions": "rotary",
    "activation": "swiglu",
    "normalization": "rms_norm",
    "qk_norm": True,
    "num_kv_heads": 2,
    "zero_init": True,
    "logit_cap": 5.0,
}
DEEP = {"num_layers": 2, "d_model": 16, "num_heads": 4, "d_ff": 24}
ON_COMMAND_LINE = [f"--set={name}={value}" for name, value in SMALL.items()]
