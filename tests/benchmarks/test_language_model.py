"""PyTorch's language model is the same as ours, given the same weights."""

import numpy as np
import pytest

from tests.small import DEEP
from tf_transformer.config import CausalLMConfig
from tf_transformer.models import CausalLM

torch = pytest.importorskip("torch")
CONFIG = CausalLMConfig(
    vocab_size=23,
    **DEEP,
    positions="learned",
    tie=False,
    max_length=9,
)
IDS = np.array([[5, 9, 22, 4, 7, 8], [8, 6, 3, 12, 13, 14]])


def peer():
    from benchmarks.peers.torch_language_model import TorchLanguageModel

    torch.manual_seed(1)
    model = TorchLanguageModel(CONFIG)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            weight.copy_(torch.randn_like(weight) * 0.3 + ("norm" in name))
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.eps = 1e-6  # ours
    return model


def copy_weights(theirs, ours):
    """Give our model the weights of PyTorch's, which has no biases."""
    arrays = {name: w.detach().numpy() for name, w in theirs.named_parameters()}
    for weight in ours.trainable_weights:
        weight.assign(np.zeros(weight.shape))
    ours.embedding.table.assign(arrays["embedding.weight"] / CONFIG.d_model**0.5)
    ours.embedding.position_table.assign(arrays["positions.weight"])
    ours.output_projection.kernel.assign(arrays["embedding.weight"].T)
    ours.decoder.final_norm.gamma.assign(arrays["norm.weight"])
    for i, layer in enumerate(ours.decoder.layers):
        own = {n.removeprefix(f"blocks.{i}."): a for n, a in arrays.items() if f"s.{i}." in n}
        thirds = np.split(own["query_key_value.weight"], 3)
        attention, feed_forward = layer.attention, layer.feed_forward
        dense = (attention.query, attention.key, attention.value, attention.output_projection)
        dense += (feed_forward.inner, feed_forward.outer)
        kernels = (*thirds, *(own[f"{n}.weight"] for n in ("attention_output", "inner", "outer")))
        for projection, kernel in zip(dense, kernels, strict=True):
            projection.kernel.assign(kernel.T)
        norms = (layer.attention_residual, layer.feed_forward_residual)
        for residual, name in zip(norms, ("attention_norm", "feed_forward_norm"), strict=True):
            residual.layer_norm.gamma.assign(own[f"{name}.weight"])


def test_with_the_same_weights_both_give_the_same_logits():
    theirs, ours = peer(), CausalLM(CONFIG)
    copy_weights(theirs, ours)
    expected = theirs(torch.from_numpy(IDS)).detach().numpy()
    assert expected.std() > 0.5
    np.testing.assert_allclose(ours(IDS), expected, atol=1e-4)


def test_it_learns():
    from benchmarks.peers.torch_language_model import TorchLanguageModel, TorchLanguageTrainer

    torch.manual_seed(1)
    trainer = TorchLanguageTrainer(TorchLanguageModel(CONFIG), steps=60)
    ids = torch.from_numpy(IDS)
    losses = [float(trainer.step(ids[:, :-1], ids[:, 1:])) for _ in range(60)]
    assert losses[0] == pytest.approx(np.log(23), abs=0.3)
    assert losses[-1] < losses[0] - 0.3
