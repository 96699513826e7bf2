"""The tokens of a model, where TensorBoard's projector finds them."""

import numpy as np
from google.protobuf import text_format
from tensorboard.plugins.projector import ProjectorConfig

from tf_transformer.config import TransformerConfig
from tf_transformer.models import Transformer
from tf_transformer.tensorboard import write_embeddings


def projected(directory):
    """Return what the projector is told of: `{name: (vectors, labels)}`."""
    folder = directory / "train"
    config = ProjectorConfig()
    text_format.Parse((folder / "projector_config.pbtxt").read_text(encoding="utf-8"), config)
    return {
        embedding.tensor_name: (
            np.loadtxt(folder / embedding.tensor_path, delimiter="\t"),
            (folder / embedding.metadata_path).read_text(encoding="utf-8").splitlines(),
        )
        for embedding in config.embeddings
    }


def test_each_token_has_its_vector_and_its_label(trained, tmp_path):
    write_embeddings(tmp_path, trained.model, *trained.tokenizers)
    ((name, (vectors, labels)),) = projected(tmp_path).items()
    assert name == "tokens"
    np.testing.assert_allclose(vectors, trained.model.source_embedding.table, rtol=1e-4)
    ids = trained.tokenizers[0].tokenize(["a praia"])[0].numpy()
    expected = trained.tokenizers[0].tokens(ids).numpy()
    assert [labels[i] for i in ids] == [label.decode() for label in expected]


def test_two_tables_have_two_names(trained, tmp_path):
    size = trained.tokenizers[0].vocab_size
    config = TransformerConfig(size, size, num_layers=1, d_model=8, num_heads=1, tie="none")
    write_embeddings(tmp_path, Transformer(config), *trained.tokenizers)
    assert set(projected(tmp_path)) == {"source_tokens", "target_tokens"}
