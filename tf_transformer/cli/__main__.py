"""Runs `python -m tf_transformer.cli VERB …` as `tft VERB …`."""

from tf_transformer.cli import main

if __name__ == "__main__":
    main()
