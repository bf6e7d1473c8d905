/** Exact nearest-neighbour search by cosine over embeddings, and groups of near-duplicates. */
package org.dc4j.index;
