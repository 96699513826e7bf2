"""The table of hyperparameters in TensorBoard, a row a run."""

import tensorflow as tf

_METRICS = (("bleu", "BLEU"), ("loss", "loss"), ("perplexity", "perplexity"))  # of validation


def write_hparams(directory, *configs):
    """Write what a run was configured with, for TensorBoard's table of all runs.

    Beside it the table shows BLEU, loss and perplexity, as they were last written in
    `validation/`.

    Args:
        directory: of the run's event files.
        *configs: configurations; a later one wins where two have a field of the same name.
    """
    from tensorboard.plugins.hparams import api  # here, as it takes a while

    values = {name: value for config in configs for name, value in config.to_dict().items()}
    metrics = [
        api.Metric(tag, group="validation", display_name=f"validation {name}")
        for tag, name in _METRICS
    ]
    writer = tf.summary.create_file_writer(str(directory))
    with writer.as_default(step=0):
        api.hparams_config([api.HParam(name) for name in values], metrics)
        api.hparams(values)
    writer.close()
