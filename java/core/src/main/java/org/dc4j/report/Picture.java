package org.dc4j.report;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thumbnail that is a PNG indeed.
 *
 * @param width in pixels, as its header says
 */
record Picture(byte[] png, int width) {
  private static final Logger LOG = LoggerFactory.getLogger(Picture.class);
  private static final long PNG_SIGNATURE = 0x89504e470d0a1a0aL;
  private static final int HEADER_BYTES = 24; // signature, chunk length and name, width, height

  /** The picture of an image; empty if there is none. */
  static Optional<Picture> of(Thumbnails thumbnails, int imageId) {
    try {
      byte[] png = thumbnails.png(imageId);
      if (png != null
          && png.length > HEADER_BYTES
          && ByteBuffer.wrap(png).getLong() == PNG_SIGNATURE) {
        return Optional.of(new Picture(png, ByteBuffer.wrap(png).getInt(16)));
      }
    } catch (RuntimeException e) {
      LOG.debug("no thumbnail of image {}", imageId, e);
    }
    return Optional.empty();
  }
}
