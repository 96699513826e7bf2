"use strict";

/** A sentence to translate: its ids, and how to turn the ids of a translation into its text. */
class Sentence {
  constructor(text, whole, ids, words, present) {
    Object.assign(this, { text, whole, ids, words, present });
  }
}

/** Takes text apart, has its sentences translated, and makes text again. */
class Translator {
  constructor(settings, engine) {
    this.settings = settings;
    this.engine = engine;
    this.rules = new Rules(settings.rules.patterns, settings.rules);
    this.source = new SentencePiece(settings.tokenizers.source);
    this.target = settings.tokenizers.target ? new SentencePiece(settings.tokenizers.target) : this.source;
    this.confidence = settings.confidence && new Confidence(settings.confidence);
  }

  /** Return the sentences of a text, and the line breaks between them, as strings. */
  read(text) {
    if (!this.rules.clean(text)) return [];
    return text.split(this.rules.patterns.lineBreak).flatMap((line, i) => (i % 2 ? [line]
      : this.rules.splitLine(line)
        .flatMap((sentence) => this.rules.splitLong(sentence, (part) => this.isLong(part)))
        .map((part) => this.sentence(part))));
  }

  isLong(part) {
    const known = this.sentence(part).ids.filter((id) => !this.source.isByte(id)).length;
    return known > (this.settings.longest_source ?? Infinity);
  }

  sentence(part) {
    const [whole, asPart] = this.rules.asSentence(part);
    const [hidden, words] = this.rules.hide(whole);
    const [usual, restyle] = this.rules.usualSpelling(hidden, (text) => this.source.tokenize(text).length);
    const plain = usual.replace(this.rules.patterns.tag, "\ufffd"); // a tag that was typed asks for nothing
    const ids = this.rules.isCopied(plain) ? [] : this.source.tokenize(plain);
    const present = (text) => asPart(this.rules.restore(restyle(text), words));
    return new Sentence(asPart(whole), whole, ids, words, present);
  }

  /** Search for the translations of a sentence that is not copied: see `search`. */
  async* search(sentence, { beamSize, alpha, first }) {
    const most = this.settings.max_length;
    const limit = Math.min(2 * sentence.ids.length + 10, most);
    const sourceIds = [...sentence.ids.slice(0, most - 1), END];
    const memory = await this.engine.encode(sourceIds);
    for await (const state of search(this.engine, memory, { beamSize, alpha, limit, first })) {
      yield { ...state, sourceIds, encoder: memory.attention };
    }
  }

  /** Return the text of a translation, given the ids of its tokens. */
  textOf(sentence, ids) {
    const written = this.target.detokenize(ids);
    return this.rules.clean(written) ? sentence.present(written) : sentence.text; // no empty answer
  }

  /** Return the evidence for the translation of a sentence, whose last node is `end`. */
  evidence(sentence, end, sourceIds) {
    if (this.rules.isCopied(sentence.whole)) return this.confidence.all();
    if (!end) return this.confidence.all(this.rules.knownShare(sentence.whole, sentence.words, ""));
    const ids = pathTo(end).map(({ id }) => id);
    const known = this.rules.knownShare(sentence.whole, sentence.words, this.target.detokenize(ids));
    return this.confidence.evidence(sourceIds, ids.length, end.total, known);
  }

  /** Return of each id its text, whether a word starts with it, and whether it is a special one. */
  spelled(tokenizer, ids, words) {
    return ids.map((id) => {
      if (id === END) return ["[END]", true, true];
      const label = tokenizer.labels[id];
      const starts = label.startsWith(SPACE);
      return [this.rules.restored(starts ? label.slice(1) || "␣" : label, words), starts, false];
    });
  }
}
