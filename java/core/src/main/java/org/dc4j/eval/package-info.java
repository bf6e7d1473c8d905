/**
 * Scores of labelings and embeddings, by the audited definitions: agreement of two labelings (NMI,
 * AMI, ARI, accuracy under the best matching), neighbour scores of embeddings (k-NN vote, recall at
 * K), the health of a clustering, and one measurement that puts raw pixels, untrained and trained
 * networks side by side.
 */
package org.dc4j.eval;
