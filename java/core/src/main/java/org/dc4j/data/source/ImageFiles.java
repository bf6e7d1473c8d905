package org.dc4j.data.source;

import java.nio.file.Path;
import java.util.List;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.data.decode.ImageDecoder;

/** Image files under a folder, decoded at every read; names are paths relative to the folder. */
final class ImageFiles implements ImageSource {
  private final Path folder;
  private final String[] names;
  private final int[] cameras; // null = unknown
  private final ImageDecoder decoder;

  /** The files {@code names}, each relative to {@code folder} or absolute. */
  ImageFiles(Path folder, List<String> names, ImageDecoder decoder) {
    this(folder, names, null, decoder);
  }

  /**
   * The files {@code names}, each relative to {@code folder} or absolute.
   *
   * @param cameras one for each name, not to be changed; or null
   */
  ImageFiles(Path folder, List<String> names, int[] cameras, ImageDecoder decoder) {
    this.folder = folder;
    this.names = names.toArray(new String[0]);
    this.cameras = cameras;
    this.decoder = decoder;
  }

  @Override
  public int size() {
    return names.length;
  }

  @Override
  public String name(int id) {
    return names[id];
  }

  @Override
  public Image read(int id) {
    return decoder.read(folder.resolve(names[id]));
  }

  @Override
  public int camera(int id) {
    return cameras == null ? -1 : cameras[id];
  }
}
