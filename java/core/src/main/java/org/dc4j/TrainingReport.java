package org.dc4j;

import java.nio.file.Path;
import java.util.Map;

/**
 * What a finished run left.
 *
 * @param run its folder
 * @param images images it learned from
 * @param skipped images that could not be read
 * @param metrics the last row of figures: loss, cluster sizes, NMI to the previous assignment, ...
 * @param peakMemoryBytes largest resident memory of this process so far
 */
public record TrainingReport(
    Path run, int images, int skipped, Map<String, Object> metrics, long peakMemoryBytes) {}
