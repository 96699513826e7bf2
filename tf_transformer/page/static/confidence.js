"use strict";

/**
 * The probability that a translation has at least the usual quality: see `tasks/confidence.py`.
 *
 *     confidence = known * sigmoid(bias + sum_i weights_i * (evidence_i - means_i) / scales_i)
 */
class Confidence {
  constructor(learned) { this.learned = learned; }

  /** Return the evidence for a translation: five kinds, and the share of the source that is known. */
  evidence(sourceIds, length, logProbability, knownShare) {
    const { counts, longest, usual_longest: usual } = this.learned;
    const shown = sourceIds.filter((id) => id !== END).map((id) => counts[id]);
    const pieces = Math.max(shown.length, 1);
    const share = (least) => shown.filter((count) => count >= least).length / pieces;
    const isTooLong = shown.filter((count) => count > 0).length > (usual || longest || Infinity);
    return [
      logProbability / length, logProbability, -Math.abs(Math.log(length / pieces)),
      Math.min(...shown.map(Math.log1p), MOST), share(SEEN_OFTEN),
      isTooLong ? 0 : share(1) * knownShare,
    ];
  }

  /** Return the evidence for text that is only copied, all of it or but for hidden words. */
  all(knownShare = 1) { return [MOST, MOST, MOST, MOST, MOST, MOST * knownShare]; }

  /** Return the confidence in a text, given the evidence for each of its sentences. */
  of(evidence) {
    const { means, scales, weights, bias } = this.learned;
    const least = [0, 1, 2, 3, 4, 5].map((i) => Math.min(MOST, ...evidence.map((each) => each[i])));
    const z = weights.reduce((sum, weight, i) => sum + (weight * (least[i] - means[i])) / scales[i], bias);
    return Math.min(Math.max(least[5], 0), 1) / (1 + Math.exp(-z));
  }
}

const SEEN_OFTEN = 5; // times that training must show a usual piece
const MOST = 1e6; // the evidence for copied text
