package org.dc4j.data.source;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dc4j.data.Image;
import org.dc4j.data.ImageSource;
import org.dc4j.data.UnreadableImageException;
import org.dc4j.data.decode.ImageDecoder;

/** Image files under a folder, decoded at every read; names are paths relative to the folder. */
final class ImageFiles implements ImageSource {
  private final Path folder;
  private final String[] names;
  private final int[] cameras; // null = unknown
  private final Map<String, Path> places;
  private final Map<String, String> unreadable;
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
    this(folder, names, cameras, Map.of(), Map.of(), decoder);
  }

  /**
   * The files {@code names}, each relative to {@code folder} or absolute.
   *
   * @param cameras one for each name, not to be changed; or null
   * @param places paths of those names that do not lead back to their file
   * @param unreadable names that are known to be no image, with reasons
   */
  ImageFiles(
      Path folder,
      List<String> names,
      int[] cameras,
      Map<String, Path> places,
      Map<String, String> unreadable,
      ImageDecoder decoder) {
    this.folder = folder;
    this.names = names.toArray(new String[0]);
    this.cameras = cameras;
    this.places = places;
    this.unreadable = unreadable;
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
    String name = names[id];
    String reason = unreadable.get(name);
    if (reason != null) {
      throw new UnreadableImageException(folder + "/" + name + ": " + reason);
    }
    Path place = places.get(name);
    if (place != null) {
      return decoder.read(place, folder + "/" + name);
    }
    Path file;
    try {
      file = folder.resolve(name);
    } catch (InvalidPathException e) {
      throw new UnreadableImageException(
          "%s: not a file name here: %s; a locale of UTF-8 (LC_ALL=C.UTF-8) has all of Unicode"
              .formatted(name, e.getReason()),
          e);
    }
    return decoder.read(file);
  }

  @Override
  public int camera(int id) {
    return cameras == null ? -1 : cameras[id];
  }
}
