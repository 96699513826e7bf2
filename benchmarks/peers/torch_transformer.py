"""PyTorch's `nn.Transformer`, trained as PyTorch's users would: the same model, loss and updates.

Encoder and decoder share their table of embeddings with the output projection, as ours do.
"""

import math

import torch
from torch import nn
from torch.nn import functional


class TorchTransformer(nn.Module):
    """Maps source and target ids to logits.

    Args:
        config: a `TransformerConfig`: pre-norm, with sinusoidal positions and one table for all.
    """

    def __init__(self, config):
        super().__init__()
        self.d_model = config.d_model
        self.embedding = nn.Embedding(config.source_vocab_size, config.d_model, padding_idx=0)
        nn.init.normal_(self.embedding.weight, std=config.d_model**-0.5)
        self.register_buffer("positions", _sinusoids(config.max_length, config.d_model))
        self.dropout = nn.Dropout(config.dropout)
        self.transformer = nn.Transformer(
            d_model=config.d_model,
            nhead=config.num_heads,
            num_encoder_layers=config.num_layers,
            num_decoder_layers=config.num_layers,
            dim_feedforward=config.d_ff,
            dropout=config.dropout,
            batch_first=True,
            norm_first=True,
        )
        for module in self.transformer.modules():  # ours has no dropout there
            if isinstance(module, nn.MultiheadAttention):
                module.dropout = config.attention_dropout
            if isinstance(module, nn.TransformerEncoderLayer | nn.TransformerDecoderLayer):
                module.dropout.p = config.feed_forward_dropout

    def forward(self, source_ids, target_ids):
        length = target_ids.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool).triu(1)  # True where it must not look
        x = self.transformer(
            self._embed(source_ids),
            self._embed(target_ids),
            tgt_mask=causal,
            src_key_padding_mask=source_ids == 0,
            memory_key_padding_mask=source_ids == 0,
            tgt_is_causal=True,
        )
        return functional.linear(x, self.embedding.weight)  # (batch, length, vocab_size)

    def _embed(self, ids):
        x = self.embedding(ids) * math.sqrt(self.d_model) + self.positions[: ids.shape[1]]
        return self.dropout(x)


def _sinusoids(length, width):
    angles = torch.arange(length)[:, None] * 10_000 ** (-torch.arange(0, width, 2) / width)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(length, width)


class TorchTrainer:
    """Trains a `TorchTransformer` with the paper's optimizer and a smoothed loss.

    Args:
        model: the model to train.
        config: a `TranslatorTraining`.
    """

    def __init__(self, model, config):
        self.model = model.train()
        self.config = config
        peak = (model.d_model * config.warmup_steps) ** -0.5
        self.optimizer = torch.optim.Adam(
            model.parameters(), lr=peak, betas=(0.9, 0.98), eps=1e-9, fused=True
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self._noam)

    def step(self, source_ids, target_ids, wanted_ids):
        """Take one step; return the loss."""
        logits = self.model(source_ids, target_ids)
        loss = functional.cross_entropy(
            logits.flatten(0, 1),
            wanted_ids.flatten().long(),
            ignore_index=0,
            label_smoothing=self.config.label_smoothing,
        )
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.optimizer.step()
        self.schedule.step()
        return loss.detach()

    def _noam(self, step):
        warmup = self.config.warmup_steps
        return min((step + 1) / warmup, (warmup / (step + 1)) ** 0.5)
