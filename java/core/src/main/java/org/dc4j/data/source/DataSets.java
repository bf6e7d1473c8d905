package org.dc4j.data.source;

import org.dc4j.data.DataException;
import org.dc4j.data.decode.ImageDecoder;

/** Opens data sets by their spec. */
public final class DataSets {
  private DataSets() {}

  /** Opens with the default limits of {@link ImageDecoder}. */
  public static DataSet open(DataSpec spec) {
    return open(spec, new ImageDecoder());
  }

  /**
   * Opens a data set. Image files are listed here and decoded when they are read, so a damaged one
   * does not stop this.
   *
   * @param decoder for sets of image files
   * @throws DataException if the set is not there, is empty or is not of that kind
   */
  public static DataSet open(DataSpec spec, ImageDecoder decoder) {
    DataSet set =
        switch (spec.kind()) {
          case FASHION_MNIST -> FashionMnist.open(spec.path(), spec.split());
          case IDX -> IdxFolder.open(spec.path(), spec.split());
          case FOLDER -> ImageFolder.open(spec.path(), decoder);
          case LIST -> ImageList.open(spec.path(), decoder);
          case NPY -> NpyImages.open(spec.path());
          case KANJI -> Kanji.open(spec.path(), spec.split());
          case WESNOTH -> Wesnoth.open(spec.path(), spec.split());
          case CUB200 -> Cub200.open(spec.path(), spec.split(), decoder);
          case CARS196 -> Cars196.open(spec.path(), spec.split(), decoder);
          case SOP -> OnlineProducts.open(spec.path(), spec.split(), decoder);
          case MARKET1501 -> Market1501.open(spec.path(), spec.split(), decoder);
          case MSMT17 -> Msmt17.open(spec.path(), spec.split(), decoder);
        };
    if (set.images().size() == 0) {
      throw new DataException(spec + " has no images");
    }
    return set;
  }
}
