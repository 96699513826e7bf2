"use strict";

/** Runs the encoder and the decoder's cached step with ONNX Runtime Web. */
class OnnxEngine {
  /** `models` are the two files, as bytes. */
  static async load(ort, models) {
    const options = { executionProviders: ["wasm"], graphOptimizationLevel: "all" };
    const encoder = await ort.InferenceSession.create(models.encoder, options);
    const step = await ort.InferenceSession.create(models.step, options);
    return new OnnxEngine(ort, encoder, step);
  }

  constructor(ort, encoder, step) {
    Object.assign(this, { ort, encoder, decoder: step });
  }

  /** Read a source, END included. Returns its keys and values, and where the encoder looked. */
  async encode(ids) {
    const source = new this.ort.Tensor("int32", Int32Array.from(ids), [1, ids.length]);
    const { encoder_attention: attention, ...kept } = await this.encoder.run({ source_ids: source });
    return { kept: { source_ids: source, ...kept }, attention: attentionOf(attention)[0] };
  }

  /**
   * Read a token for each hypothesis. Hypothesis `i` continues number `parents[i]` of the cache.
   * Returns, for each, its logits and attention; and the cache.
   */
  async step(memory, tokens, parents, cache) {
    const rows = tokens.length;
    const token_ids = new this.ort.Tensor("int32", Int32Array.from(tokens), [rows, 1]);
    const feeds = { token_ids };
    for (const [name, tensor] of Object.entries(memory.kept)) {
      feeds[name] = this.rowsOf(tensor, Array(rows).fill(0));
    }
    for (const name of this.decoder.inputNames.filter((each) => each.startsWith("past"))) {
      feeds[name] = cache
        ? this.rowsOf(cache[name.replace("past", "present")], parents)
        : this.nothingYet(memory.kept[name.replace("past", "memory")], rows);
    }
    const { logits, cross_attention: cross, decoder_attention: decoder, ...present } =
      await this.decoder.run(feeds);
    return {
      logits: rowsOfArray(logits), cross: attentionOf(cross), decoder: attentionOf(decoder),
      cache: present,
    };
  }

  /** Return some rows of a tensor, in any order. */
  rowsOf(tensor, numbers) {
    const [rows, ...shape] = tensor.dims;
    if (numbers.length === rows && numbers.every((number, i) => number === i)) return tensor;
    const size = tensor.data.length / rows;
    const data = new tensor.data.constructor(numbers.length * size);
    numbers.forEach((number, i) => {
      data.set(tensor.data.subarray(number * size, (number + 1) * size), i * size);
    });
    return new this.ort.Tensor(tensor.type, data, [numbers.length, ...shape]);
  }

  /** Return an empty cache for keys or values of the shape `(1, heads, source, size)`. */
  nothingYet({ dims: [, heads, , size] }, rows) {
    return new this.ort.Tensor("float32", new Float32Array(0), [rows, heads, 0, size]);
  }
}

/** Return the rows of a tensor, each an array of its numbers. */
function rowsOfArray({ data, dims: [rows] }) {
  const size = data.length / rows;
  return Array.from({ length: rows }, (_, row) => data.subarray(row * size, (row + 1) * size));
}

/** Return the attention of each row of `(rows, layers, heads, queries, keys)`. */
function attentionOf(tensor) {
  const [, layers, heads, queries, keys] = tensor.dims;
  return rowsOfArray(tensor).map((weights) => ({ weights, layers, heads, queries, keys }));
}

/** Return what a file of this folder holds; they are JavaScript, which file:// can load, too. */
async function unpack(name) {
  const text = atob(globalThis.packed[name]);
  delete globalThis.packed[name];
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(unzipped).arrayBuffer());
}
