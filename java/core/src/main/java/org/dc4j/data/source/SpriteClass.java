package org.dc4j.data.source;

import java.util.regex.Pattern;

/**
 * Which unit a sprite of Wesnoth shows, from its path: the top folder (the faction) and the file
 * name up to the first pose or weapon ("elves-wood/archer+female-bow-attack1.png" is of
 * "elves-wood/archer+female"). A number may follow the pose ("die1"). Directions are poses, too.
 */
final class SpriteClass {
  private static final String POSES =
      "attack|defend|die|idle|ranged|melee|magic|run|bow|sword|stand|lead|bob|fly|staff|spear|axe"
          + "|hammer|mace|claw|fire|throw|shoot|crossbow|n|s|ne|se|sw|e";
  private static final Pattern POSE =
      Pattern.compile("[-+_](" + POSES + ")(?=[-+_\\d]|$).*|[-_]?\\d+$");

  /** Frames that many units share, or that show no unit. */
  private static final Pattern SHARED = Pattern.compile("(zombie|soulless|ghost-).*");

  private SpriteClass() {}

  /** Whether a path is a sprite of one unit. */
  static boolean isUnit(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    return file.endsWith(".png") && !SHARED.matcher(file).matches();
  }

  /** The unit, "folder/name". */
  static String of(String path) {
    String file = path.substring(path.lastIndexOf('/') + 1);
    String stem = file.substring(0, file.length() - ".png".length());
    String name = POSE.matcher(stem).replaceFirst("");
    String folder = path.contains("/") ? path.substring(0, path.indexOf('/') + 1) : "";
    return folder + (name.isEmpty() ? stem : name);
  }
}
