"""From a text file, or one side of a parallel corpus, to sentences in one language."""

from __future__ import annotations

from tf_transformer.data.load_corpus import load_corpus
from tf_transformer.data.text_files import read_lines
from tf_transformer.errors import UserError
from tf_transformer.text.rules import clean


def load_sentences(
    dataset: str, data_dir: str | None = None, text_file: str | None = None, side: str = "target"
) -> tuple[list[str], list[str]]:
    r"""Load sentences in one language: some to learn from, and others to try the result on.

    Args:
        dataset: a parallel corpus, named as for `load_corpus`; unused if there is a text file.
        data_dir: folder of prepared TensorFlow Datasets. Defaults to their own folder.
        text_file: UTF-8 text with one sentence or paragraph per line, gzipped if its name ends in
            `.gz`. Every fiftieth line is held out.
        side: side of the parallel corpus, `"source"` or `"target"`. Defaults to `"target"`.

    Returns:
        `(train, held_out)`: sentences, none of them blank; from a parallel corpus, those of `train`
        and `validation`.

    Raises:
        UserError: if the data set or file is unknown, cannot be read, or has only one line.

    Example:
        ```python
        import pathlib, tempfile

        import tf_transformer as tft

        file = pathlib.Path(tempfile.mkdtemp(), "text.txt")
        file.write_text("One.\nTwo.\nThree.\n")
        train, held_out = tft.data.load_sentences("", text_file=str(file))
        held_out  # ['Two.']
        ```
    """
    if text_file:
        lines = [line for line in map(clean, read_lines(text_file)) if line]
        if len(lines) < 2:
            raise UserError(f"{text_file}: one line of text is too little; give two or more.")
        return [line for i, line in enumerate(lines) if i % 50 != 1], lines[1::50]
    corpus = load_corpus(dataset, data_dir)
    pairs = [corpus.pairs(split) for split in ("train", "validation")]
    texts = [each.sources if side == "source" else each.targets for each in pairs]
    train, held_out = ([text for text in each if text.strip()] for each in texts)
    return train, held_out
