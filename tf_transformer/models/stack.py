"""What all models tell their stacks of layers."""


def stack_options(config):
    """Return the options of an `Encoder`, or another stack, from a model's configuration."""
    return {
        "num_layers": config.num_layers,
        "d_model": config.d_model,
        "num_heads": config.num_heads,
        "d_ff": config.d_ff,
        "dropout": config.dropout,
        "attention_dropout": config.attention_dropout,
        "feed_forward_dropout": config.feed_forward_dropout,
        "norm": config.norm,
        "activation": config.activation,
        "rotary": config.positions == "rotary",
    }
