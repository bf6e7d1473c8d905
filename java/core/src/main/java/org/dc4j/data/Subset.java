package org.dc4j.data;

/**
 * Some images of another source, renumbered 0..size()-1 in the order given: the readable ones after
 * a scan, a split, a sample. Names stay those of the source. Thread-safe.
 */
public final class Subset implements ImageSource {
  private final ImageSource base;
  private final int[] ids;

  /**
   * A view of {@code base}.
   *
   * @param ids ids of {@code base}, in the new order
   * @throws IllegalArgumentException for an id that {@code base} does not have
   */
  public Subset(ImageSource base, int[] ids) {
    this.base = base;
    this.ids = ids.clone();
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] < 0 || ids[i] >= base.size()) {
        throw new IllegalArgumentException(
            "ids[%d] is %d; accepted: 0..%d".formatted(i, ids[i], base.size() - 1));
      }
    }
  }

  /** The id in the underlying source. */
  public int baseId(int id) {
    return ids[id];
  }

  /**
   * The entries of a per-image array of the underlying source that belong to this subset.
   *
   * @param values [base size] for example labels
   * @return [size]
   */
  public int[] select(int[] values) {
    if (values.length != base.size()) {
      throw new IllegalArgumentException(
          values.length + " values for a source of " + base.size() + " images");
    }
    int[] selected = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      selected[i] = values[ids[i]];
    }
    return selected;
  }

  @Override
  public int size() {
    return ids.length;
  }

  @Override
  public String name(int id) {
    return base.name(ids[id]);
  }

  @Override
  public Image read(int id) {
    return base.read(ids[id]);
  }

  @Override
  public int camera(int id) {
    return base.camera(ids[id]);
  }
}
