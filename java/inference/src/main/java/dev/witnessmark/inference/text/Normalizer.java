package dev.witnessmark.inference.text;

/** What is done to text before it is split. */
enum Normalizer {
  /** Unicode's canonical composition. */
  NFC,
  /** {@link Spelling#SPACE} is put in front of what is not empty. */
  PREFIX_SPACE,
  /** Every space becomes {@link Spelling#SPACE}. */
  MARK_SPACES
}
