"use strict";
// Classic scripts, not modules: browsers load no module from file://.

const PAD = 0, START = 2, END = 3; // ids, the same in every tokenizer
const SPACE = "\u2581"; // how pieces write a space
const ESCAPE = "\u001b"; // spells a "▁" of the text, and itself

/**
 * Unigram SentencePiece with byte fallback: the pieces of a text whose log-probabilities have the
 * largest sum, found as Viterbi does, from left to right.
 *
 * Kudo, "Subword Regularization", 2018, section 3.2.
 */
class SentencePiece {
  /**
   * `labels` and `scores` are those of all ids, the scores of special ids and bytes null;
   * `unknown_score` is that of a character without a piece.
   */
  constructor({ labels, scores, unknown_score }) {
    this.labels = labels;
    this.scores = scores;
    this.unknownScore = unknown_score;
    this.firstByte = labels.indexOf("<0x00>");
    this.ids = new Map(labels.flatMap((label, id) => (scores[id] === null ? [] : [[label, id]])));
    this.longest = Math.max(...[...this.ids.keys()].map((label) => [...label].length));
  }

  get size() { return this.labels.length; }

  /** Return the ids of a text, without special ones. */
  tokenize(text) {
    if (!text) return [];
    const escaped = text.toWellFormed().replaceAll(ESCAPE, ESCAPE + "0").replaceAll(SPACE, ESCAPE + "1");
    const characters = [...(SPACE + escaped.replaceAll(" ", SPACE))];
    const best = this.paths(characters);
    const ids = [];
    for (let end = characters.length; end > 0; end = best[end].start) {
      ids.push(...(best[end].id ?? this.spell(characters[end - 1]))); // from the end
    }
    return ids.reverse();
  }

  /** Return for each place the best piece that ends there: where it starts, its id, the sum. */
  paths(characters) {
    const best = [{ score: 0 }];
    const offer = (end, start, id, score) => {
      // SentencePiece keeps sums in 32 bits, and the first of equal ones.
      if (!best[end] || score > best[end].score) best[end] = { start, id, score: Math.fround(score) };
    };
    for (let start = 0; start < characters.length; start++) {
      let piece = "";
      for (let end = start + 1; end <= characters.length && end <= start + this.longest; end++) {
        piece += characters[end - 1];
        const id = this.ids.get(piece);
        if (id !== undefined) offer(end, start, [id], best[start].score + this.scores[id]);
      }
      if (!this.ids.has(characters[start])) {
        offer(start + 1, start, null, best[start].score + this.unknownScore);
      }
    }
    return best;
  }

  /** Return the ids of a character's UTF-8 bytes, the last one first. */
  spell(character) {
    return [...new TextEncoder().encode(character)].map((byte) => this.firstByte + byte).reverse();
  }

  isByte(id) { return id >= this.firstByte && id < this.firstByte + 256; }

  /** Return the text of ids, up to the first END. */
  detokenize(ids) {
    const end = ids.indexOf(END);
    const written = end < 0 ? ids : ids.slice(0, end);
    const bytes = written.flatMap((id) => (this.isByte(id) ? [id - this.firstByte] : this.textBytes(id)));
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
    const shown = text.startsWith(" ") ? text.slice(1) : text;
    return shown.replaceAll(ESCAPE + "1", SPACE).replaceAll(ESCAPE + "0", ESCAPE);
  }

  textBytes(id) {
    if (id === PAD || id === START) return [];
    const text = this.scores[id] === null ? " \ufffd" : this.labels[id].replaceAll(SPACE, " ");
    return [...new TextEncoder().encode(text)];
  }
}
