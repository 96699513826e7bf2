"use strict";
// What `tf_transformer/text/rules.py` does to text; its patterns come with the model.

/** The rules of clean text: cleaning, sentences, hidden words, and the usual spelling. */
class Rules {
  /** `patterns` are named: each [source, flags], or a list of [source, flags, replacement]. */
  constructor(patterns, { boundary, placeholders, betweenParts, unseen }) {
    this.boundary = boundary;
    this.betweenParts = betweenParts;
    this.placeholders = [...placeholders];
    const compiled = ([source, flags, replacement]) => [new RegExp(source, flags + "gu"), replacement];
    const all = Object.entries(patterns).map(([name, found]) => [
      name, Array.isArray(found[0]) ? found.map(compiled) : compiled(found)[0]]);
    this.patterns = Object.fromEntries(all);
    this.unseen = unseen && new RegExp(unseen[0], unseen[1] + "gu");
  }

  matches(name, text) {
    const { source, flags } = this.patterns[name];
    return new RegExp(`^(?:${source})$`, flags.replace("g", "")).test(text);
  }

  /** Return text in Unicode's normal form C, without invisible characters. */
  cleanCharacters(text) {
    return text.toWellFormed().replace(this.patterns.ignorable, "").normalize("NFC");
  }

  /** Return text as models read it: each run of white space is one space, and none at the ends. */
  clean(text) {
    return this.cleanCharacters(text).replace(this.patterns.whiteSpace, " ").replace(/^ +| +$/g, "");
  }

  /** Return whether a cleaned text has nothing to translate. */
  isCopied(text) { return this.matches("copied", text); }

  /** Split a line into cleaned sentences. */
  splitLine(line) {
    const marked = this.patterns.boundaries.reduce(
      (text, [pattern, replacement]) => text.replace(pattern, replacement), this.cleanCharacters(line));
    return marked.split(this.boundary).map((piece) => this.clean(piece)).filter(Boolean);
  }

  /** Split a sentence that is too long into parts for `asSentence`. */
  splitLong(sentence, isLong) {
    return this.patterns.partEnds.reduce((parts, [pattern, replacement]) => parts.flatMap((part) =>
      (isLong(part) ? part.replace(pattern, replacement) : part).split(this.betweenParts)), [sentence]);
  }

  /** Return a part as a sentence with a full stop, and a function to end its translation alike. */
  asSentence(part) {
    this.patterns.part.lastIndex = 0;
    const found = this.patterns.part.exec(part);
    if (!found) return [part, (text) => text];
    return [found[1] + ".", (text) => text.replace(/\.?$/, () => found[2])];
  }

  /** Replace words that the vocabulary cannot spell by placeholders; return them, too. */
  hide(text) {
    const words = [];
    if (!this.unseen) return [text, words];
    const own = new RegExp(`[${this.placeholders.join("")}]`, "gu");
    const hidden = text.replace(this.unseen, (word) => {
      if (words.length === this.placeholders.length) return word.replace(own, "\ufffd");
      words.push(word);
      return this.placeholders[words.length - 1];
    });
    return [hidden, words];
  }

  /** Put words back in place of their placeholders; a word whose placeholder is missing comes last. */
  restore(text, words) {
    const lost = words.filter((_, i) => !text.includes(this.placeholders[i]));
    return [this.restored(text, words), ...lost].join(" ");
  }

  restored(text, words) {
    const own = new RegExp(`[${this.placeholders.join("")}]`, "gu");
    return text.replace(own, (found) => words[this.placeholders.indexOf(found)] ?? "");
  }

  /** Return the share of a text that is not hidden; 0 if the translation lost or repeats a word. */
  knownShare(text, words, written) {
    const isWhole = this.placeholders.every((each, i) =>
      written.split(each).length - 1 === (i < words.length ? 1 : 0));
    const length = [...text.replaceAll(" ", "")].length;
    const hidden = [...words.join("")].length;
    return isWhole ? 1 - hidden / Math.max(length, 1) : 0;
  }

  /**
   * Give the usual spelling to a text in capitals, in title case, or without capitals, if that has
   * fewer tokens; return a function that gives its translation the text's own capitals.
   */
  usualSpelling(text, cost) {
    const cheaper = (one, other) => (cost(other) < cost(one) ? other : one);
    const same = (found) => found;
    const unlessNul = (change) => (found) => (found.includes("\0") ? found : change(found));
    const styles = [
      ["inCapitals", unlessNul((found) => found.toUpperCase())],
      ["withoutCapitals", same],
      ["inTitle", unlessNul((found) => found.split(" ").map(capitalize).join(" "))],
    ];
    const style = styles.find(([name]) => this.matches(name, text));
    if (!style) return [text, same];
    const words = text.split(" ").map((word) => word.toLowerCase());
    const usual = words.map((word) => cheaper(word, capitalize(word))).join(" ");
    const best = cheaper(capitalize(usual), usual);
    return cost(best) < cost(text) ? [best, style[1]] : [text, same];
  }
}

function capitalize(text) {
  return text.replace(/^[^\p{L}]*\p{L}/u, (start) => start.toUpperCase());
}
