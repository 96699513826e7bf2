"""A decoder-only Transformer in PyTorch, trained as nanoGPT trains its own: same shape and plan.

Learned positions, no biases, weights of standard deviation 0.02, AdamW with weight decay, and a
rate that falls along a cosine to a tenth. Attention is PyTorch's fused one.
"""

import math

import torch
from torch import nn
from torch.nn import functional

_PEAK, _LEAST, _WARMUP, _DECAY, _CLIP = 1e-3, 1e-4, 100, 0.1, 1.0


class _Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config.d_model
        self.heads = config.num_heads
        self.attention_norm = nn.LayerNorm(width, bias=False)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.attention_output = nn.Linear(width, width, bias=False)
        self.feed_forward_norm = nn.LayerNorm(width, bias=False)
        self.inner = nn.Linear(width, config.d_ff, bias=False)
        self.outer = nn.Linear(config.d_ff, width, bias=False)

    def forward(self, x):
        heads = self.query_key_value(self.attention_norm(x)).chunk(3, dim=-1)
        heads = (h.unflatten(-1, (self.heads, -1)).transpose(1, 2) for h in heads)
        attended = functional.scaled_dot_product_attention(*heads, is_causal=True)
        x = x + self.attention_output(attended.transpose(1, 2).flatten(2))
        h = functional.gelu(self.inner(self.feed_forward_norm(x)))
        return x + self.outer(h)  # (batch, length, d_model)


class TorchLanguageModel(nn.Module):
    """Maps token ids `(batch, length)` to logits `(batch, length, vocab_size)`.

    Args:
        config: a `CausalLMConfig`.
    """

    def __init__(self, config):
        super().__init__()
        self.embedding = nn.Embedding(config.vocab_size, config.d_model)
        self.positions = nn.Embedding(config.max_length, config.d_model)
        self.blocks = nn.ModuleList(_Block(config) for _ in range(config.num_layers))
        self.norm = nn.LayerNorm(config.d_model, bias=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                is_last = "attention_output" in name or "outer" in name  # of a residual branch
                scale = math.sqrt(2 * config.num_layers) if is_last else 1
                nn.init.normal_(weight, std=0.02 / scale)

    def forward(self, token_ids):
        positions = torch.arange(token_ids.shape[1])
        x = self.embedding(token_ids) + self.positions(positions)
        for block in self.blocks:
            x = block(x)
        return functional.linear(self.norm(x), self.embedding.weight)


class TorchLanguageTrainer:
    """Trains a `TorchLanguageModel`.

    Args:
        model: the model to train.
        steps: number of steps in all.
    """

    def __init__(self, model, steps):
        self.model = model.train()
        self.steps = steps
        weights = list(model.parameters())
        groups = [
            {"params": [w for w in weights if w.dim() > 1], "weight_decay": _DECAY},
            {"params": [w for w in weights if w.dim() == 1], "weight_decay": 0.0},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=_PEAK, betas=(0.9, 0.99), fused=True)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._rate)

    def step(self, token_ids, next_ids):
        """Take one step; return the loss."""
        loss = self.loss(token_ids, next_ids)
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), _CLIP)
        self.optimizer.step()
        self.schedule.step()
        return loss.detach()

    def loss(self, token_ids, next_ids):
        """Return the mean loss per token."""
        logits = self.model(token_ids)
        return functional.cross_entropy(logits.flatten(0, 1), next_ids.flatten().long())

    def _rate(self, step):
        if step < _WARMUP:
            return (step + 1) / (_WARMUP + 1)
        progress = min((step - _WARMUP) / max(self.steps - _WARMUP, 1), 1.0)
        least = _LEAST / _PEAK
        return least + (1 - least) * 0.5 * (1 + math.cos(math.pi * progress))
