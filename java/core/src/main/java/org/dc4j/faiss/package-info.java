/**
 * FAISS as a second engine: indexes, k-means and PCA over the same matrices as dc4j's own.
 * Optional: {@link org.dc4j.faiss.Faiss} tells whether the native library is there, and everything
 * else works without it.
 */
package org.dc4j.faiss;
